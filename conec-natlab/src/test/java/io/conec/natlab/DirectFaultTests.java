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
    /** How long messages may stay away when the direct path dies: after 3 s of silence the relay is taken, on a busy machine a bit later, and then QUIC has to get going. */
    private static final Duration OVER_TO_THE_RELAY = Duration.ofSeconds(6);
    /** Less than it takes to go over to the relay. */
    private static final Duration UNNOTICED = Duration.ofSeconds(3);
    /** Longer than the idle timeout of what is cut. */
    private static final Duration LONG = Duration.ofSeconds(35);

    private static FaultyNetwork network;
    private static FaultyNetwork.Pair openersLeg;
    private static FaultyNetwork.Pair otherLeg;
    private static FaultyNetwork.Pair coordinatorsLeg;
    private static FaultyNetwork.Pair crash;
    private static FaultyNetwork.Pair blocked;
    private static FaultyNetwork.Pair flushed;
    private static Router flushedRouter;
    private static FaultyNetwork.Pair moving;
    private static Uplink away;

    @BeforeAll
    static void connect() {
        network = new FaultyNetwork("direct-faults", PathPolicy.AUTO);
        openersLeg = network.pair("openers-leg");
        otherLeg = network.pair("other-leg");
        coordinatorsLeg = network.pairWithCoordinator("coordinators-leg");
        crash = network.pairWithCoordinator("crash");
        blocked = network.pair("blocked");
        flushedRouter = network.router("flushed");
        flushed = network.pair("flushed", flushedRouter.host("flushed-alice"));
        moving = network.pair("moving", network.host("moving-alice"));
        away = network.away(moving.alice().host());
        network.awaitConnected();
    }

    @AfterAll
    static void close() {
        network.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 20})
    @ResourceLock("openers-leg")
    void survivesABlackHoleOnTheOpenersLeg(int seconds) {
        survivesABlackHole(openersLeg, openersLeg.alice().host(), seconds);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 20})
    @ResourceLock("other-leg")
    void survivesABlackHoleOnTheOtherLeg(int seconds) {
        survivesABlackHole(otherLeg, otherLeg.bob().host(), seconds);
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
    @ResourceLock("coordinators-leg")
    void doesNotNoticeABlackHoleOnTheCoordinatorsLeg(int seconds) {
        Conversation conversation = coordinatorsLeg.talk(Kind.DIRECT);

        blackHole(coordinatorsLeg.coordinator().host(), Duration.ofSeconds(seconds));

        doesNotNotice(coordinatorsLeg, conversation);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    @ResourceLock("crash")
    void doesNotNoticeTheCoordinatorsCrash(int secondsUntilItIsBack) {
        Conversation conversation = crash.talk(Kind.DIRECT);
        long registrations = crash.registrations();

        crash.crashCoordinator(Duration.ofSeconds(secondsUntilItIsBack));
        crash.awaitRegistrations(registrations);

        doesNotNotice(crash, conversation);
    }

    @Test
    @ResourceLock("coordinators-leg")
    void doesNotNoticeACoordinatorThatStandsStill() {
        Conversation conversation = coordinatorsLeg.talk(Kind.DIRECT);

        coordinatorsLeg.pauseCoordinator(Duration.ofSeconds(10));

        doesNotNotice(coordinatorsLeg, conversation);
    }

    private static void doesNotNotice(FaultyNetwork.Pair pair, Conversation conversation) {
        // Also not some time later.
        conversation.awaitMessagesAfter(
                System.nanoTime() + Duration.ofSeconds(3).toNanos(), PATIENCE);
        assertThat(conversation.pathsSinceDirect()).containsExactly(Kind.DIRECT);
        neverWaited(conversation, UNNOTICED);
        pair.hangUp(conversation);
    }

    @Test
    @ResourceLock("crash")
    void goesOnWithoutACoordinatorAndHasARelayWhenThereIsOneAgain() {
        Uplink alice = crash.alice().host().uplink();
        Uplink bob = crash.bob().host().uplink();
        Conversation conversation = crash.talk(Kind.DIRECT);
        long registrations = crash.registrations();

        crash.crashCoordinator(LONG);
        crash.awaitRegistrations(registrations);
        assertThat(conversation.pathsSinceDirect()).containsExactly(Kind.DIRECT);
        neverWaited(conversation, UNNOTICED);
        network.internet().block(alice, bob);

        conversation.awaitPath(Kind.RELAYED, PATIENCE);
        conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
        network.internet().free(alice, bob);
        crash.hangUp(conversation);
    }

    @Test
    void goesOverToTheRelayAndBackTenTimes() {
        Uplink alice = blocked.alice().host().uplink();
        Uplink bob = blocked.bob().host().uplink();
        Conversation conversation = blocked.talk(Kind.DIRECT);

        for (int i = 0; i < 10; i++) {
            network.internet().block(alice, bob);
            conversation.awaitPath(Kind.RELAYED, PATIENCE);
            conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
            network.internet().free(alice, bob);
            conversation.awaitPath(Kind.DIRECT, PATIENCE);
            conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
        }

        neverWaited(conversation, OVER_TO_THE_RELAY);
        blocked.hangUp(conversation);
    }

    @Test
    void survivesThatTheNatForgetsTwice() {
        Conversation conversation = flushed.talk(Kind.DIRECT);

        for (int i = 0; i < 2; i++) {
            flushedRouter.flush();
            lasts(Duration.ofSeconds(2));
            conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
            conversation.awaitPath(Kind.DIRECT, PATIENCE);
        }

        flushed.hangUp(conversation);
    }

    @Test
    void survivesAMoveToAnotherAddressAndBack() {
        Uplink home = moving.alice().host().uplink();
        Conversation conversation = moving.talk(Kind.DIRECT);

        home.disconnect();
        away.connect();
        lasts(Duration.ofSeconds(2));
        conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
        conversation.awaitPath(Kind.DIRECT, PATIENCE);
        away.disconnect();
        home.connect();
        lasts(Duration.ofSeconds(2));
        conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
        conversation.awaitPath(Kind.DIRECT, PATIENCE);

        moving.hangUp(conversation);
    }

    /** No stream, in no direction, has gone without a message for that long. */
    private static void neverWaited(Conversation conversation, Duration tooLong) {
        assertThat(conversation.reports())
                .allSatisfy(report -> assertThat(report.number("gapMillis")).isLessThan(tooLong.toMillis()));
    }
}
