package io.conec.internal.channel;

import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ConecChannel;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.internal.protocol.StreamHeader;
import io.conec.internal.protocol.StreamReply;
import io.conec.testing.Network;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a stream that is opened with its only message does on the wire. */
final class OnlyMessageTests {
    private Network network;
    private RawPeer peer;
    private ConecChannel channel;

    @BeforeEach
    void start() {
        network = Network.start(transport -> transport);
        peer = new RawPeer("raw", network.coordinator());
        channel = network.coordinator().client("raw").orElseThrow();
    }

    @AfterEach
    void close() {
        peer.close();
        network.close();
    }

    @Test
    void sendsEverythingBeforeTheReply() throws Exception {
        CompletableFuture<ConecStream> opening = channel.openStreamWith("ask", Map.of(), ConecMessage.of("question"));
        RawPeer.Raw raw = peer.accept();

        // Up to the FIN, and this side has not said a word.
        List<byte[]> frames = get(raw.frames());

        assertThat(frames).hasSize(2);
        assertThat(StreamHeader.parseFrom(frames.get(0)).getName()).isEqualTo("ask");
        assertThat(new String(frames.get(1), StandardCharsets.UTF_8)).isEqualTo("question");
        assertThat(opening).isNotDone();

        raw.send(StreamReply.getDefaultInstance());
        raw.finish();

        assertThat(get(opening).receive()).isEmpty();
        assertThat(get(get(opening).closed())).isEqualTo(ErrorCode.NO_ERROR);
    }

    @Test
    void failsWithARefusal() throws Exception {
        CompletableFuture<ConecStream> opening = channel.openStreamWith("ask", Map.of(), ConecMessage.of("question"));
        RawPeer.Raw raw = peer.accept();
        get(raw.frames());

        raw.send(StreamReply.newBuilder()
                .setCode((int) ErrorCode.NOT_ALLOWED.code())
                .setMessage("not you")
                .build());
        raw.giveUp();

        assertThat(failureOf(opening)).hasMessage("not you");
        assertThat(channel.streams()).isEmpty();
    }
}
