package io.conec.natlab;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ChannelPath;
import io.conec.client.PathPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Links from good to bad lose, repeat and reorder packets, never messages. */
@InLaboratory
final class LinkLadderTests {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    /** Seconds for which a rung is kept busy, if the link is used well. */
    private static final double SECONDS = 3;

    /** The bad link of one client; everything else is good. */
    enum Rung {
        RATE_100_ROUND_TRIP_16_LOSS_0_1(100, 16, 0.001, 0),
        RATE_25_ROUND_TRIP_40_LOSS_1(25, 40, 0.01, 0),
        RATE_8_ROUND_TRIP_90_LOSS_2(8, 90, 0.02, 0),
        RATE_3_ROUND_TRIP_200_LOSS_3(3, 200, 0.03, 0),
        RATE_1_5_ROUND_TRIP_300_LOSS_5(1.5, 300, 0.05, 0),
        RATE_8_REORDERED_5_DUPLICATED_5(8, 40, 0, 0.05);

        private final double megabitsPerSecond;
        private final long roundTripMillis;
        private final double loss;
        private final double reorderedAndDuplicated;

        Rung(double megabitsPerSecond, long roundTripMillis, double loss, double reorderedAndDuplicated) {
            this.megabitsPerSecond = megabitsPerSecond;
            this.roundTripMillis = roundTripMillis;
            this.loss = loss;
            this.reorderedAndDuplicated = reorderedAndDuplicated;
        }

        LinkSettings settings() {
            return LinkSettings.of(megabitsPerSecond, Duration.ofMillis(roundTripMillis))
                    .losing(loss)
                    .reordering(reorderedAndDuplicated)
                    .duplicating(reorderedAndDuplicated);
        }

        /** The name of the client at this link. */
        String client() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final Map<Rung, ClientProcess> clients = new ConcurrentHashMap<>();
    private static Laboratory laboratory;
    private static ClientProcess relayedPeer;
    private static ClientProcess directPeer;

    @BeforeAll
    static void connect() {
        laboratory = Laboratory.open("ladder");
        Internet internet = new Internet(laboratory);
        CoordinatorProcess coordinator =
                CoordinatorProcess.start(laboratory, internet.host("coordinator", Family.IPV4));
        relayedPeer = ClientProcess.start(
                laboratory, internet.host("relayed-peer", Family.IPV4), coordinator, PathPolicy.RELAY_ONLY);
        directPeer = ClientProcess.start(
                laboratory, internet.host("direct-peer", Family.IPV4), coordinator, PathPolicy.AUTO);
        for (Rung rung : Rung.values()) {
            Host host = internet.host(rung.client(), Family.IPV4, rung.settings());
            clients.put(rung, ClientProcess.start(laboratory, host, coordinator, PathPolicy.AUTO));
        }
        relayedPeer.awaitConnected();
        directPeer.awaitConnected();
        clients.values().forEach(ClientProcess::awaitConnected);
    }

    @AfterAll
    static void close() {
        laboratory.close();
    }

    @ParameterizedTest
    @EnumSource
    void relayedChannelLosesNothing(Rung rung) {
        climb(rung, relayedPeer, ChannelPath.Kind.RELAYED);
    }

    @ParameterizedTest
    @EnumSource
    void directChannelLosesNothing(Rung rung) {
        climb(rung, directPeer, ChannelPath.Kind.DIRECT);
    }

    private static void climb(Rung rung, ClientProcess peer, ChannelPath.Kind kind) {
        // One at a time on each link.
        synchronized (rung) {
            climb(rung, Objects.requireNonNull(clients.get(rung)), peer, kind);
        }
    }

    private static void climb(Rung rung, ClientProcess client, ClientProcess peer, ChannelPath.Kind kind) {
        Link link = client.host().uplink().requireLink();
        List<Link.Counts> before = link.counts();
        client.open(peer, kind, PATIENCE);
        long started = System.nanoTime();

        long bytes = (long) (rung.megabitsPerSecond * 1e6 / 8 * SECONDS);
        List<Report> reports =
                Conversation.begin(client, peer, Conversation.Load.of(bytes)).await(PATIENCE);

        double seconds = (System.nanoTime() - started) / 1e9;
        assertThat(client.path(peer)).isEqualTo(kind);
        assertThat(peer.path(client)).isEqualTo(kind);
        List<Link.Counts> after = link.counts();
        System.out.printf(
                "ladder: %s %s: %.1f s, %.1f of %.1f Mbit/s, packets lost %d and %d%n",
                rung,
                kind,
                seconds,
                reports.get(0).number("bytes") * 8 / seconds / 1e6,
                rung.megabitsPerSecond,
                after.get(0).lost() - before.get(0).lost(),
                after.get(1).lost() - before.get(1).lost());
        client.close(peer);
    }
}
