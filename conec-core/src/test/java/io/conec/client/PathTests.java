package io.conec.client;

import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ChannelPath;
import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ErrorCode;
import io.conec.testing.Network;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Which way the packets of channels between clients take, on one host. Real networks are in the network laboratory. */
final class PathTests {
    @Test
    void movesToADirectPath() {
        try (Network network = Network.start()) {
            List<ConecEvent> events = new CopyOnWriteArrayList<>();
            ConecClient bob = network.client("bob");
            ConecClient alice = network.client("alice");
            alice.onEvent(events::add);
            ConecChannel channel = get(alice.open("bob"));

            await().until(() -> channel.path().kind() == ChannelPath.Kind.DIRECT);

            assertThat(channel.path().remote()).isEqualTo(bob.localAddress());
            assertThat(channel.path().local()).isEqualTo(alice.localAddress());
            assertThat(channel.path().reason()).isEqualTo("it answered probes");
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

    @Test
    void refusesAChannelBetweenDirectOnlyAndRelayOnly() {
        try (Network network = Network.start()) {
            network.client("bob", builder -> builder.path(PathPolicy.DIRECT_ONLY));
            ConecClient alice = network.client("alice", builder -> builder.path(PathPolicy.RELAY_ONLY));

            assertThat(failureOf(alice.open("bob")).code()).isEqualTo(ErrorCode.NO_DIRECT_PATH);
        }
    }
}
