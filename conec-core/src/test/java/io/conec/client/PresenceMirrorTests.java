package io.conec.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ConecEvent;
import io.conec.PresentClient;
import io.conec.internal.protocol.ClientPresence;
import io.conec.internal.protocol.Header;
import io.conec.internal.protocol.PresenceFrame;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PresenceMirrorTests {
    private final PresenceMirror mirror = new PresenceMirror();

    @Test
    void tellsOfTheListWhenItIsComplete() {
        assertThat(mirror.apply(joined("bob", 1).build())).isEmpty();
        assertThat(mirror.isComplete()).isFalse();

        assertThat(mirror.apply(joined("alice", 1).setComplete(true).build()))
                .containsExactly(come("alice", 1), come("bob", 1));
        assertThat(mirror.isComplete()).isTrue();
        assertThat(mirror.seen()).extracting(PresentClient::id).containsExactly("alice", "bob");
    }

    @Test
    void tellsOfEachChangeAfterThat() {
        complete();

        assertThat(mirror.apply(joined("bob", 1).build())).containsExactly(come("bob", 1));
        assertThat(mirror.apply(joined("bob", 1).build())).isEmpty();
        assertThat(mirror.apply(joined("bob", 2).build())).containsExactly(gone("bob", 1), come("bob", 2));
        assertThat(mirror.apply(left("bob", "nobody"))).containsExactly(gone("bob", 2));
        assertThat(mirror.seen()).isEmpty();
    }

    @Test
    void tellsOnlyWhatHasChangedWhenItWasAway() {
        mirror.apply(joined("same", 1).build());
        mirror.apply(joined("back", 1).build());
        mirror.apply(joined("away", 1).setComplete(true).build());
        mirror.begin();
        assertThat(mirror.isComplete()).isFalse();
        assertThat(mirror.apply(joined("same", 1).build())).isEmpty();
        assertThat(mirror.apply(joined("new", 1).build())).isEmpty();
        assertThat(mirror.apply(joined("short", 1).build())).isEmpty();
        assertThat(mirror.apply(left("short"))).isEmpty();

        assertThat(mirror.apply(joined("back", 2).setComplete(true).build()))
                .containsExactly(gone("away", 1), gone("back", 1), come("back", 2), come("new", 1));
    }

    private void complete() {
        mirror.apply(PresenceFrame.newBuilder().setComplete(true).build());
    }

    private static PresenceFrame.Builder joined(String id, int version) {
        return PresenceFrame.newBuilder()
                .addJoined(ClientPresence.newBuilder()
                        .setId(id)
                        .addAttributes(Header.newBuilder().setName("version").setValue("" + version))
                        .setSinceMillis(version));
    }

    private static PresenceFrame left(String... ids) {
        return PresenceFrame.newBuilder().addAllLeft(List.of(ids)).build();
    }

    private static ConecEvent come(String id, int version) {
        return new ConecEvent.ClientJoined(client(id, version));
    }

    private static ConecEvent gone(String id, int version) {
        return new ConecEvent.ClientLeft(client(id, version));
    }

    private static PresentClient client(String id, int version) {
        return new PresentClient(id, Map.of("version", "" + version), Instant.ofEpochMilli(version));
    }
}
