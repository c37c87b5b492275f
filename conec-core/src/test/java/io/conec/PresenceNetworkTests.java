package io.conec;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.conec.client.ClientConfig;
import io.conec.client.ConecClient;
import io.conec.testing.Network;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who sees whom. */
final class PresenceNetworkTests {
    private Network network;

    @BeforeEach
    void start() {
        network = Network.start();
    }

    @AfterEach
    void stop() {
        network.close();
    }

    @Test
    void listsTheOthersWithWhatTheySayAboutThemselves() {
        Instant before = Instant.now().minusMillis(1);
        ConecClient alice = network.client("alice");
        network.client("carol", builder -> builder.attributes(Map.of("room", "B 12", "größe", "klein")));
        network.client("bob");

        List<PresentClient> seen = get(alice.presence());
        assertThat(seen).extracting(PresentClient::id).containsExactly("bob", "carol");
        assertThat(seen.get(0).attributes()).isEmpty();
        assertThat(seen.get(1).attributes()).isEqualTo(Map.of("room", "B 12", "größe", "klein"));
        assertThat(seen.get(1).since()).isBetween(before, Instant.now());
        assertThat(network.coordinator().presence())
                .extracting(PresentClient::id)
                .containsExactly("alice", "bob", "carol");
        assertThat(network.coordinator().presence()).contains(seen.get(1));
    }

    @Test
    void tellsWhoComesAndGoes() {
        List<ConecEvent> alices = new CopyOnWriteArrayList<>();
        List<ConecEvent> coordinators = new CopyOnWriteArrayList<>();
        network.coordinator().onEvent(event -> keepPresence(event, coordinators));
        ConecClient alice = network.unstartedClient("alice", builder -> builder.watchPresence(true));
        alice.onEvent(event -> keepPresence(event, alices));
        get(alice.start());
        ConecClient bob = network.client("bob", builder -> builder.attributes(Map.of("a", "b")));
        eventually(() -> assertThat(alices).hasSize(1));
        PresentClient present = get(alice.presence()).get(0);
        bob.close();

        eventually(() -> assertThat(alices)
                .containsExactly(new ConecEvent.ClientJoined(present), new ConecEvent.ClientLeft(present)));
        eventually(() -> assertThat(coordinators)
                .hasSize(3)
                .endsWith(new ConecEvent.ClientJoined(present), new ConecEvent.ClientLeft(present)));
        assertThat(get(alice.presence())).isEmpty();
    }

    @Test
    void tellsNothingToThoseWhoDoNotAsk() {
        List<ConecEvent> bobs = new CopyOnWriteArrayList<>();
        ConecClient bob = network.client("bob");
        bob.onEvent(event -> keepPresence(event, bobs));
        ConecClient alice = network.client("alice", builder -> builder.watchPresence(true));
        assertThat(get(alice.presence())).extracting(PresentClient::id).containsExactly("bob");

        assertThat(bobs).isEmpty();
        assertThat(network.coordinator().client("alice").orElseThrow().streams())
                .as("this is no stream of the application's")
                .isEmpty();
    }

    @Test
    void listsMoreThanFitIntoAFrame() {
        int many = 40;
        String longValue = "ü".repeat(PresentClient.MAX_ATTRIBUTE_CHARACTERS - 1);
        List<ConecClient> clients = new ArrayList<>();
        List<CompletableFuture<Void>> started = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            ConecClient client = network.unstartedClient(
                    String.format("client-%03d", i), builder -> builder.attributes(Map.of("x", longValue)));
            clients.add(client);
            started.add(client.start());
        }
        started.forEach(each -> get(each));
        ConecClient alice = network.client("alice");

        assertThat(get(alice.presence()))
                .hasSize(many)
                .allMatch(client -> client.attributes().equals(Map.of("x", longValue)))
                .extracting(PresentClient::id)
                .isEqualTo(clients.stream().map(ConecClient::name).toList());
    }

    @Test
    void boundsTheAttributes() {
        ClientConfig.Builder builder = ClientConfig.builder("alice", "localhost");
        Map<String, String> tooMany = new java.util.HashMap<>();
        IntStream.rangeClosed(0, PresentClient.MAX_ATTRIBUTES).forEach(i -> tooMany.put("k" + i, ""));

        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> builder.attributes(tooMany).build())
                .withMessageContaining("attributes has 33 entries");
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> builder.attributes(Map.of("k", "v".repeat(PresentClient.MAX_ATTRIBUTE_CHARACTERS)))
                        .build())
                .withMessageContaining("1025 characters");
    }

    private static void keepPresence(ConecEvent event, List<ConecEvent> kept) {
        if (event instanceof ConecEvent.ClientJoined || event instanceof ConecEvent.ClientLeft) {
            kept.add(event);
        }
    }
}
