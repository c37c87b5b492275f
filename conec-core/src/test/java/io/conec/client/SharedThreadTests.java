package io.conec.client;

import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.conec.ConecStream;
import io.conec.TransportConfig;
import io.conec.security.Trust;
import io.conec.testing.Network;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Clients of one JVM that have a network thread together. */
final class SharedThreadTests {
    /** So many that each further client shares with one of them. */
    private static final int ENOUGH = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());

    @Test
    void oneEndsAndTheOthersGoOn() {
        try (Network network = Network.start()) {
            for (int i = 0; i < ENOUGH + 5; i++) {
                network.client("client-" + i);
            }
            network.client("client-1").onStream("kept", incoming -> incoming.receive());
            ConecStream stream =
                    get(get(network.client("client-0").open("client-1")).openStream("kept"));

            for (int i = 2; i < ENOUGH + 5; i++) {
                network.client("client-" + i).close();
            }

            get(stream.send("still there"));
            assertThat(network.client("client-0").isRunning()).isTrue();
        }
    }

    /** It would wait for the thread that it is on, or for one that waits for it. */
    @Test
    void aPredicateCannotCloseOrStartAClient() {
        try (Network network = Network.start()) {
            ConecClient alice = network.client("alice");
            ConecClient bob = network.client("bob");
            CompletableFuture<Throwable> closing = new CompletableFuture<>();
            CompletableFuture<Throwable> starting = new CompletableFuture<>();
            bob.onStream(
                    offer -> {
                        closing.complete(catchThrowable(alice::close));
                        starting.complete(catchThrowable(alice::start));
                        return true;
                    },
                    ConecStream::receive);

            get(get(alice.open("bob")).openStream("any"));

            assertThat(closing.join()).isInstanceOf(IllegalStateException.class).hasMessageContaining("network thread");
            assertThat(starting.join())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("network thread");
            assertThat(alice.isRunning()).isTrue();
        }
    }

    /** A thread that goes on for others keeps nothing of a client that has closed, such as a timer. */
    @Test
    void aClosedClientIsLetGoOf() throws InterruptedException {
        try (Network network = Network.start()) {
            for (int i = 0; i < ENOUGH; i++) {
                network.client("stays-" + i).onStream("greeting", incoming -> {
                    incoming.receive();
                    incoming.send("and to you");
                    incoming.close();
                });
            }

            WeakReference<ClientConfig> closed = usedAndClosed(network);

            await().atMost(Duration.ofSeconds(90))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> {
                        System.gc();
                        return closed.get() == null;
                    });
        }
    }

    /** It has been connected, with a channel, a request for presence and a group, and is referred to by nothing here. */
    private static WeakReference<ClientConfig> usedAndClosed(Network network) throws InterruptedException {
        InetSocketAddress address = network.coordinator().localAddress();
        ClientConfig config = ClientConfig.builder("goes", Network.HOST)
                .coordinatorAddress(address.getAddress().getHostAddress())
                .coordinatorPort(address.getPort())
                .coordinatorTrust(
                        Trust.pinned(network.coordinator().config().identity().fingerprint()))
                .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                // What waits for an answer forgets about it then.
                .transport(TransportConfig.builder()
                        .requestTimeout(Duration.ofSeconds(2))
                        .build())
                .build();
        long before = networkThreads();
        try (ConecClient client = new ConecClient(config)) {
            get(client.start());
            assertThat(networkThreads())
                    .as("network threads, of which it has none of its own")
                    .isEqualTo(before);
            assertThat(get(client.presence())).isNotEmpty();
            get(client.join("group"));
            ConecStream stream = get(get(client.open("stays-0")).openStream("greeting"));
            get(stream.send("hello"));
            assertThat(stream.receive()).isPresent();
            assertThat(stream.receive()).isEqualTo(Optional.empty());
        }
        return new WeakReference<>(config);
    }

    private static long networkThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("conec-clients-"))
                .count();
    }
}
