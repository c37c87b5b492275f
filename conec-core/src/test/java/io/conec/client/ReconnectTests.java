package io.conec.client;

import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.Network;
import io.conec.testing.UdpForwarder;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A client comes back by itself, and starting and closing are safe at any time. */
final class ReconnectTests {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final Duration IDLE = Duration.ofSeconds(2);
    private static final Duration KEEP_ALIVE = Duration.ofMillis(300);

    @Test
    void comesBackWhenTheCoordinatorDoes() {
        try (Network network = Network.start();
                ConecClient alice = network.client(
                        "alice",
                        builder -> builder.connectTimeout(Duration.ofSeconds(1))
                                .reconnect(new ReconnectPolicy(Duration.ofMillis(50), Duration.ofMillis(800), 2, 0)))) {
            ConecClient bob = network.client("bob");
            ConecChannel channel = get(alice.open("bob"));
            List<ConecEvent> events = new CopyOnWriteArrayList<>();
            alice.onEvent(events::add);
            CoordinatorConfig again = CoordinatorConfig.builder(
                            network.coordinator().config().identity())
                    .bindAddress(network.coordinator().localAddress())
                    .build();
            network.coordinator().close();

            await().untilAsserted(() -> assertThat(events)
                    .filteredOn(ConecEvent.Disconnected.class::isInstance)
                    .first()
                    .extracting(
                            event -> ((ConecEvent.Disconnected) event).reason().code())
                    .isEqualTo(ErrorCode.SHUTTING_DOWN));
            assertThat(alice.status().lastError()).isNotNull();
            assertThat(failureOf(alice.open("carol")).code()).isEqualTo(ErrorCode.NOT_CONNECTED);

            try (ConecCoordinator restarted = new ConecCoordinator(again)) {
                restarted.start();
                await().until(() -> alice.status().state() == ClientStatus.State.CONNECTED
                        && bob.status().state() == ClientStatus.State.CONNECTED);
                assertThat(alice.status().reconnects()).isEqualTo(1);
                assertThat(get(alice.open("bob"))).isSameAs(channel);
                assertThat(channel.closed()).isNotDone();
                await().untilAsserted(() -> {
                    assertThat(events)
                            .filteredOn(ConecEvent.Connected.class::isInstance)
                            .hasSize(1);
                    assertThat(events)
                            .filteredOn(ConecEvent.Disconnected.class::isInstance)
                            .isNotEmpty();
                });
            }
        }
    }

    @Test
    void waitsLongerAfterEachFailure() throws Exception {
        try (DatagramSocket silence = new DatagramSocket(0, LOOPBACK);
                ConecClient client = new ConecClient(config(silence.getLocalPort())
                        .connectTimeout(Duration.ofMillis(100))
                        .reconnect(new ReconnectPolicy(Duration.ofMillis(20), Duration.ofMillis(80), 2, 0))
                        .build())) {
            List<Duration> waits = new CopyOnWriteArrayList<>();
            client.onEvent(event -> {
                if (event instanceof ConecEvent.Disconnected disconnected) {
                    waits.add(disconnected.retryIn());
                }
            });
            CompletableFuture<Void> first = client.start();

            assertThat(failureOf(first).code()).isEqualTo(ErrorCode.CONNECT_FAILED);
            assertThat(failureOf(first)).hasMessageContaining("in 100 ms");
            await().untilAsserted(() -> assertThat(waits)
                    .startsWith(
                            Duration.ofMillis(20),
                            Duration.ofMillis(40),
                            Duration.ofMillis(80),
                            Duration.ofMillis(80)));
            assertThat(client.isRunning()).isTrue();
            assertThat(client.status().reconnects()).isZero();
        }
    }

    @Test
    void saysThatNobodyAnswersWhicheverDeadlineComesFirst() throws Exception {
        TransportConfig transport = TransportConfig.builder()
                .handshakeTimeout(Duration.ofMillis(100))
                .build();
        try (DatagramSocket silence = new DatagramSocket(0, LOOPBACK);
                ConecClient client = new ConecClient(
                        config(silence.getLocalPort()).transport(transport).build())) {
            ConecException failure = failureOf(client.start());

            assertThat(failure.code()).isEqualTo(ErrorCode.CONNECT_FAILED);
            assertThat(failure).hasMessageContaining("no answer from the coordinator");
        }
    }

    @Test
    void noticesALinkThatDiesWithoutAWord() {
        try (Network network =
                        Network.start(transport -> transport.idleTimeout(IDLE).keepAliveInterval(KEEP_ALIVE));
                UdpForwarder forwarder = new UdpForwarder(network.coordinator().localAddress());
                ConecClient alice = network.client(
                        "alice",
                        builder -> builder.coordinatorPort(forwarder.address().getPort()))) {
            ConecChannel link = alice.coordinator().orElseThrow();
            ConecChannel loopback = get(alice.open("alice"));
            forwarder.silent(true);

            assertThat(get(link.closed()).code()).isEqualTo(ErrorCode.IDLE_TIMEOUT);
            assertThat(get(loopback.closed()).code()).isEqualTo(ErrorCode.IDLE_TIMEOUT);
            forwarder.silent(false);
            await().until(() -> alice.status().state() == ClientStatus.State.CONNECTED);
            assertThat(alice.status().reconnects()).isEqualTo(1);
            assertThat(get(alice.open("alice")).peer()).isEqualTo("alice");
        }
    }

    @Test
    void keepsIdleChannelsAlive() {
        try (Network network =
                Network.start(transport -> transport.idleTimeout(IDLE).keepAliveInterval(KEEP_ALIVE))) {
            network.client("bob");
            ConecChannel channel = get(network.client("alice").open("bob"));

            await().during(IDLE.multipliedBy(2)).until(() -> !channel.closed().isDone());
            assertThat(network.client("alice").status().reconnects()).isZero();
            assertThat(network.client("bob").status().reconnects()).isZero();
        }
    }

    @Test
    void goesOnTryingWhenTheHostHasNoAddress() {
        try (ConecClient client = new ConecClient(ClientConfig.builder("alice", "nowhere.invalid")
                .coordinatorTrust(Trust.pinned(
                        Identity.generateForHosts(List.of("localhost")).fingerprint()))
                .build())) {
            ConecException failure = failureOf(client.start());

            assertThat(failure.code()).isEqualTo(ErrorCode.CONNECT_FAILED);
            assertThat(failure).hasMessageContaining("\"nowhere.invalid\" has no address");
            assertThat(client.isRunning()).isTrue();
        }
    }

    @Test
    void namesThePortThatIsInUse() throws Exception {
        try (DatagramSocket occupant = new DatagramSocket(0, LOOPBACK)) {
            int port = occupant.getLocalPort();
            InetSocketAddress taken = new InetSocketAddress(LOOPBACK, port);
            ConecCoordinator coordinator =
                    new ConecCoordinator(CoordinatorConfig.builder(Identity.generateForHosts(List.of("localhost")))
                            .bindAddress(taken)
                            .build());
            ConecClient client = new ConecClient(config(1).bindAddress(taken).build());

            assertThat(failureOf(coordinator::start))
                    .hasMessageContaining("UDP port " + port)
                    .extracting(ConecException::code)
                    .isEqualTo(ErrorCode.BIND_FAILED);
            assertThat(failureOf(client::start))
                    .hasMessageContaining("UDP port " + port)
                    .extracting(ConecException::code)
                    .isEqualTo(ErrorCode.BIND_FAILED);
            assertThat(coordinator.isRunning()).isFalse();
            assertThat(client.isRunning()).isFalse();
        }
    }

    @Test
    void startsOnceAtATimeAndAgainAfterClosing() {
        try (Network network = Network.start()) {
            ConecClient alice = network.client("alice");
            assertThatThrownBy(alice::start).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(network.coordinator()::start).isInstanceOf(IllegalStateException.class);
            assertThat(alice.coordinator()).isPresent();

            alice.close();
            alice.close();
            assertThat(alice.status().state()).isEqualTo(ClientStatus.State.STOPPED);
            assertThat(failureOf(alice.open("bob")).code()).isEqualTo(ErrorCode.NOT_CONNECTED);
            get(alice.start());
            assertThat(alice.coordinator()).isPresent();
        }
    }

    @Test
    void closesWhileItConnects() throws Exception {
        try (DatagramSocket silence = new DatagramSocket(0, LOOPBACK)) {
            ConecClient client = new ConecClient(config(silence.getLocalPort()).build());
            List<ConecEvent> events = new CopyOnWriteArrayList<>();
            client.onEvent(events::add);
            CompletableFuture<Void> outcome = client.start();
            client.close();

            assertThat(failureOf(outcome).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
            assertThat(client.status().state()).isEqualTo(ClientStatus.State.STOPPED);
            assertThat(events).isEmpty();
        }
    }

    private static ClientConfig.Builder config(int coordinatorPort) {
        return ClientConfig.builder("alice", "localhost")
                .coordinatorAddress("127.0.0.1")
                .coordinatorPort(coordinatorPort)
                .coordinatorTrust(Trust.pinned(
                        Identity.generateForHosts(List.of("localhost")).fingerprint()))
                .bindAddress(new InetSocketAddress(LOOPBACK, 0));
    }
}
