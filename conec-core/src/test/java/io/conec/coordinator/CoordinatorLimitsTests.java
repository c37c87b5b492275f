package io.conec.coordinator;

import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.client.ClientStatus;
import io.conec.client.ConecClient;
import io.conec.security.Trust;
import io.conec.testing.BackgroundPair;
import io.conec.testing.Network;
import io.conec.testing.QuicInitial;
import io.conec.testing.RawClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The limits of {@link CoordinatorConfig}. */
final class CoordinatorLimitsTests {
    @Test
    void letsInNoMoreClientsThanAllowed() throws Exception {
        try (Network network = Network.start(transport -> transport, coordinator -> coordinator.maxClients(2));
                BackgroundPair pair = BackgroundPair.start(network);
                ConecClient third = network.unstartedClient("third", builder -> builder)) {
            ConecException failure = failureOf(third.start());

            assertThat(failure.code()).isEqualTo(ErrorCode.CHANNEL_LIMIT);
            assertThat(failure).hasMessageContaining("2 clients");
            pair.assertUndisturbed();
        }
    }

    @Test
    void givesAClientNoMoreChannelsThanAllowed() throws Exception {
        try (Network network =
                        Network.start(transport -> transport, coordinator -> coordinator.maxChannelsPerClient(1));
                BackgroundPair pair = BackgroundPair.start(network)) {
            ConecException failure = failureOf(network.client("third").open("near"));

            assertThat(failure.code()).isEqualTo(ErrorCode.CHANNEL_LIMIT);
            assertThat(failure).hasMessageContaining("\"near\" has 1 channels");
            pair.assertUndisturbed();
        }
    }

    @Test
    void introducesAClientNoFasterThanAllowed() throws Exception {
        try (Network network =
                        Network.start(transport -> transport, coordinator -> coordinator.introductionsPerSecond(3));
                BackgroundPair pair = BackgroundPair.start(network)) {
            ConecClient hasty = network.client("hasty");
            List<ErrorCode> codes = new ArrayList<>();
            List<CompletableFuture<?>> asked = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                asked.add(hasty.open("nobody-" + i));
            }
            for (CompletableFuture<?> each : asked) {
                codes.add(failureOf(each).code());
            }

            assertThat(codes).contains(ErrorCode.UNKNOWN_PEER, ErrorCode.RATE_LIMITED);
            assertThat(codes).containsOnly(ErrorCode.UNKNOWN_PEER, ErrorCode.RATE_LIMITED);
            assertThat(get(network.client("other").open("near")).peer()).isEqualTo("near");
            pair.assertUndisturbed();
        }
    }

    @Test
    void keepsNothingOfPacketsThatOnlyLookLikeABeginning() throws Exception {
        try (Network network = Network.start(transport -> transport, coordinator -> coordinator.maxHandshakes(10));
                BackgroundPair pair = BackgroundPair.start(network);
                RawClient flood = new RawClient()) {
            long refusedBefore = network.coordinator().statistics().refused();
            for (int i = 0; i < 300; i++) {
                flood.send(QuicInitial.unfinished(i), network.coordinator().localAddress());
            }

            await().untilAsserted(
                            () -> assertThat(network.coordinator().statistics().refused() - refusedBefore)
                                    .isEqualTo(300));
            pair.assertUndisturbed();
            assertThat(get(network.client("late").open("near")).peer()).isEqualTo("near");
        }
    }

    @Test
    void letsNobodyInWhileTooManyShakeHandsAndForgetsThoseThatDoNotFinish() throws Exception {
        try (Network network = Network.start(
                        transport -> transport.handshakeTimeout(Duration.ofSeconds(3)),
                        coordinator -> coordinator.maxHandshakes(2));
                BackgroundPair pair = BackgroundPair.start(network);
                RawClient first = new RawClient();
                RawClient second = new RawClient()) {
            Trust trust = Trust.pinned(network.coordinator().config().identity().fingerprint());
            first.beginHandshake(network.coordinator().localAddress(), trust);
            second.beginHandshake(network.coordinator().localAddress(), trust);
            ConecClient late =
                    network.unstartedClient("late", builder -> builder.connectTimeout(Duration.ofSeconds(1)));
            CompletableFuture<Void> firstAttempt = late.start();

            assertThat(failureOf(firstAttempt).code()).isEqualTo(ErrorCode.CONNECT_FAILED);
            assertThat(failureOf(firstAttempt)).hasMessageContaining("in 1000 ms");
            pair.assertUndisturbed();
            await().until(() -> late.status().state() == ClientStatus.State.CONNECTED);
        }
    }

    @Test
    void connectsClientsThatProveTheirAddress() throws Exception {
        try (Network network = Network.start(transport -> transport, coordinator -> coordinator.statelessRetry(true));
                BackgroundPair pair = BackgroundPair.start(network);
                RawClient flood = new RawClient()) {
            long refusedBefore = network.coordinator().statistics().refused();
            for (int i = 0; i < 100; i++) {
                flood.send(QuicInitial.unfinished(i), network.coordinator().localAddress());
            }

            // Packets come in order: when a client has connected, the flood has been seen, and not one handshake begun.
            network.client("late");
            assertThat(network.coordinator().statistics().refused()).isEqualTo(refusedBefore);
            pair.assertUndisturbed();
        }
    }
}
