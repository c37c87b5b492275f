package io.conec.client;

import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.conec.ChannelPath;
import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.testing.Network;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which way the packets of channels between clients take, on one host. Real networks are in the network laboratory. */
final class PathTests {
    @Test
    void movesToADirectPath() {
        try (Network network = Network.start()) {
            List<ConecEvent> events = new CopyOnWriteArrayList<>();
            ConecClient bob = network.client("bob");
            ConecClient alice = network.client("alice");
            alice.onEvent(events::add);
            Instant began = Instant.now();
            ConecChannel channel = get(alice.open("bob"));

            await().until(() -> channel.path().kind() == ChannelPath.Kind.DIRECT);

            assertThat(channel.path().remote()).isEqualTo(bob.localAddress());
            assertThat(channel.path().local()).isEqualTo(alice.localAddress());
            assertThat(channel.path().reason()).isEqualTo("it answered probes");
            assertThat(channel.path().since()).isBetween(began, Instant.now());
            assertThat(channel.path().roundTrip()).isPositive();
            await().untilAsserted(() -> assertThat(events)
                    .filteredOn(ConecEvent.PathChanged.class::isInstance)
                    .singleElement()
                    .isInstanceOfSatisfying(ConecEvent.PathChanged.class, change -> {
                        assertThat(change.channel()).isSameAs(channel);
                        assertThat(change.from().kind()).isEqualTo(ChannelPath.Kind.RELAYED);
                        assertThat(change.to().kind()).isEqualTo(ChannelPath.Kind.DIRECT);
                    }));
        }
    }

    @Test
    void staysOnTheRelayIfEitherClientWantsIt() {
        try (Network network = Network.start()) {
            ConecClient bob = network.client("bob", builder -> builder.path(PathPolicy.RELAY_ONLY));
            ConecClient alice = network.client("alice");
            ConecChannel toBob = get(alice.open("bob"));
            ConecChannel toAlice = get(bob.open("alice"));
            ConecChannel toCarol = get(network.client("carol").open("alice"));

            // Time for another channel to find its direct path.
            await().until(() -> toCarol.path().kind() == ChannelPath.Kind.DIRECT);
            assertThat(toBob.path().kind()).isEqualTo(ChannelPath.Kind.RELAYED);
            assertThat(toAlice.path().kind()).isEqualTo(ChannelPath.Kind.RELAYED);
        }
    }

    @Test
    void tellsTheLocalAddressOfARelayedPathOfAClientThatIsBoundToAnyAddress() {
        try (Network network = Network.start()) {
            network.client("bob");
            ConecClient alice = network.client(
                    "alice", builder -> builder.path(PathPolicy.RELAY_ONLY).bindAddress(new InetSocketAddress(0)));
            ChannelPath path = get(alice.open("bob")).path();

            assertThat(path.kind()).isEqualTo(ChannelPath.Kind.RELAYED);
            assertThat(path.local())
                    .isEqualTo(new InetSocketAddress(
                            path.remote().getAddress(), alice.localAddress().getPort()));
        }
    }

    @Test
    void opensDirectOnlyChannelsOnADirectPath() {
        try (Network network = Network.start()) {
            network.client("bob", builder -> builder.path(PathPolicy.DIRECT_ONLY));
            ConecChannel channel = get(network.client("alice").open("bob"));

            assertThat(channel.path().kind()).isEqualTo(ChannelPath.Kind.DIRECT);
        }
    }

    /** Their sockets have no address family in common. */
    @Test
    void staysOnTheRelayBetweenIpv4AndIpv6() throws Exception {
        try (Network network = dualStack()) {
            ipv6(network, "bob", PathPolicy.AUTO);
            ConecClient alice = ipv4(network, "alice", PathPolicy.AUTO);
            ConecChannel toBob = get(alice.open("bob"));
            ConecChannel toCarol = get(ipv4(network, "carol", PathPolicy.AUTO).open("alice"));

            await().until(() -> toCarol.path().kind() == ChannelPath.Kind.DIRECT);
            await().during(Duration.ofSeconds(1)).until(() -> toBob.path().kind() == ChannelPath.Kind.RELAYED);
            assertThat(toBob.closed()).isNotDone();
        }
    }

    @ParameterizedTest(name = "the one that opens is {0}, the other {1}")
    @CsvSource({"DIRECT_ONLY, AUTO", "AUTO, DIRECT_ONLY", "DIRECT_ONLY, DIRECT_ONLY"})
    void failsToOpenADirectOnlyChannelWithoutADirectPath(PathPolicy opener, PathPolicy other) throws Exception {
        try (Network network = dualStack()) {
            ConecClient bob = ipv6(network, "bob", other);
            ConecClient alice = ipv4(network, "alice", opener);
            long began = System.nanoTime();
            ConecException failure = failureOf(alice.open("bob"));

            assertThat(failure.code()).isEqualTo(ErrorCode.NO_DIRECT_PATH);
            assertThat(failure).hasMessageContaining("in 2400 ms").hasMessageContaining("takes no other");
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(3));
            assertThat(alice.channels()).hasSize(1);
            assertThat(bob.channels()).hasSize(1);
        }
    }

    private static Network dualStack() {
        return Network.start(
                transport -> transport.handshakeTimeout(Duration.ofSeconds(3)),
                coordinator -> coordinator.bindAddress(new InetSocketAddress(0)));
    }

    private static ConecClient ipv4(Network network, String id, PathPolicy path) {
        return network.client(id, builder -> builder.path(path).coordinatorAddress("127.0.0.1"));
    }

    private static ConecClient ipv6(Network network, String id, PathPolicy path) throws Exception {
        InetAddress loopback6 = InetAddress.getByAddress(new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
        assumeTrue(NetworkInterface.getByInetAddress(loopback6) != null, "there is no IPv6 here");
        return network.client(
                id,
                builder -> builder.path(path)
                        .bindAddress(new InetSocketAddress(loopback6, 0))
                        .coordinatorAddress("::1"));
    }

    @Test
    void refusesAChannelBetweenDirectOnlyAndRelayOnly() {
        try (Network network = Network.start()) {
            network.client("bob", builder -> builder.path(PathPolicy.DIRECT_ONLY));
            ConecClient alice = network.client("alice", builder -> builder.path(PathPolicy.RELAY_ONLY));

            assertThat(failureOf(alice.open("bob")).code()).isEqualTo(ErrorCode.NO_DIRECT_PATH);
        }
    }
}
