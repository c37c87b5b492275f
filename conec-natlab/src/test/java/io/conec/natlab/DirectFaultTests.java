package io.conec.natlab;

import static io.conec.natlab.FaultyNetwork.PATIENCE;
import static io.conec.natlab.FaultyNetwork.blackHole;
import static io.conec.natlab.FaultyNetwork.lasts;
import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ChannelPath.Kind;
import io.conec.client.PathPolicy;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults under full load: direct channels go over to the relay and come back, or do not notice, and lose nothing. */
@InLaboratory
final class DirectFaultTests {
    /** How long messages may stay away when the direct path dies and the relay is there, as from what is measured in {@link RelayedFaultTests}. */
    private static final Duration OVER_TO_THE_RELAY = Duration.ofSeconds(5);

    private static FaultyNetwork network;
    private static Router flushedRouter;
    private static Uplink away;

    @BeforeAll
    static void connect() {
        network = new FaultyNetwork("direct-faults", PathPolicy.AUTO);
        network.add("legs");
        network.add("blocked");
        flushedRouter = network.add("flushed");
        away = network.addTraveller("moving");
        network.addIllTreated("crash");
        network.awaitConnected();
    }

    @AfterAll
    static void close() {
        network.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 20})
    @ResourceLock("legs")
    void survivesABlackHoleOnTheOpenersLeg(int seconds) {
        FaultyNetwork.Pair pair = network.pair("legs");
        survivesABlackHole(pair, pair.alice().host(), seconds);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 20})
    @ResourceLock("legs")
    void survivesABlackHoleOnTheOtherLeg(int seconds) {
        FaultyNetwork.Pair pair = network.pair("legs");
        survivesABlackHole(pair, pair.bob().host(), seconds);
    }

    private static void survivesABlackHole(FaultyNetwork.Pair pair, Host leg, int seconds) {
        Conversation conversation = pair.talk(Kind.DIRECT);

        long healed = blackHole(leg, Duration.ofSeconds(seconds));

        conversation.awaitMessagesAfter(healed, PATIENCE);
        conversation.awaitPath(Kind.DIRECT, PATIENCE);
        pair.hangUp(conversation);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 20})
    @ResourceLock("crash")
    void doesNotNoticeABlackHoleOnTheCoordinatorsLeg(int seconds) {
        FaultyNetwork.Pair pair = network.pair("crash");
        Conversation conversation = pair.talk(Kind.DIRECT);

        long healed = blackHole(network.illTreated().host(), Duration.ofSeconds(seconds));

        doesNotNotice(pair, conversation, healed);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    @ResourceLock("crash")
    void doesNotNoticeTheCoordinatorsCrash(int secondsUntilItIsBack) {
        FaultyNetwork.Pair pair = network.pair("crash");
        Conversation conversation = pair.talk(Kind.DIRECT);

        network.illTreated().kill();
        lasts(Duration.ofSeconds(secondsUntilItIsBack));
        network.illTreated().restart();

        doesNotNotice(pair, conversation, System.nanoTime());
    }

    @Test
    @ResourceLock("crash")
    void doesNotNoticeACoordinatorThatStandsStill() {
        FaultyNetwork.Pair pair = network.pair("crash");
        Conversation conversation = pair.talk(Kind.DIRECT);

        network.illTreated().pause();
        lasts(Duration.ofSeconds(10));
        network.illTreated().resume();

        doesNotNotice(pair, conversation, System.nanoTime());
    }

    private static void doesNotNotice(FaultyNetwork.Pair pair, Conversation conversation, long end) {
        conversation.awaitMessagesAfter(end, PATIENCE);
        conversation.awaitMessagesAfter(
                System.nanoTime() + Duration.ofSeconds(3).toNanos(), PATIENCE);
        assertThat(conversation.pathsSinceDirect()).containsExactly(Kind.DIRECT);
        assertThat(conversation.reports())
                .allSatisfy(report -> assertThat(report.number("gapMillis")).isLessThan(OVER_TO_THE_RELAY.toMillis()));
        pair.hangUp(conversation);
    }

    @Test
    void goesOverToTheRelayAndBackTenTimes() {
        FaultyNetwork.Pair pair = network.pair("blocked");
        Uplink alice = pair.alice().host().uplink();
        Uplink bob = pair.bob().host().uplink();
        Conversation conversation = pair.talk(Kind.DIRECT);

        for (int i = 0; i < 10; i++) {
            network.internet().block(alice, bob);
            conversation.awaitPath(Kind.RELAYED, PATIENCE);
            conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
            network.internet().free(alice, bob);
            conversation.awaitPath(Kind.DIRECT, PATIENCE);
            conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
        }

        assertThat(conversation.reports())
                .allSatisfy(report -> assertThat(report.number("gapMillis")).isLessThan(OVER_TO_THE_RELAY.toMillis()));
        pair.hangUp(conversation);
    }

    @Test
    void survivesThatTheNatForgetsTwice() {
        FaultyNetwork.Pair pair = network.pair("flushed");
        Conversation conversation = pair.talk(Kind.DIRECT);

        for (int i = 0; i < 2; i++) {
            flushedRouter.flush();
            conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
            conversation.awaitPath(Kind.DIRECT, PATIENCE);
        }

        pair.hangUp(conversation);
    }

    @Test
    void survivesAMoveToAnotherAddressAndBack() {
        FaultyNetwork.Pair pair = network.pair("moving");
        Uplink home = pair.alice().host().uplink();
        Conversation conversation = pair.talk(Kind.DIRECT);

        home.disconnect();
        away.connect();
        conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
        conversation.awaitPath(Kind.DIRECT, PATIENCE);
        away.disconnect();
        home.connect();
        conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
        conversation.awaitPath(Kind.DIRECT, PATIENCE);

        pair.hangUp(conversation);
    }
}
