package io.conec.natlab;

import static io.conec.natlab.FaultyNetwork.PATIENCE;
import static io.conec.natlab.FaultyNetwork.blackHole;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ChannelPath.Kind;
import io.conec.client.PathPolicy;
import java.time.Duration;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Faults under full load: relayed channels pause, go on, and lose nothing. */
@InLaboratory
final class RelayedFaultTests {
    private static FaultyNetwork network;
    private static FaultyNetwork.Pair openersLeg;
    private static FaultyNetwork.Pair otherLeg;
    private static FaultyNetwork.Pair coordinatorsLeg;
    private static FaultyNetwork.Pair crash;
    private static FaultyNetwork.Pair flushed;
    private static Router flushedRouter;
    private static FaultyNetwork.Pair moving;
    private static Uplink away;
    private static FaultyNetwork.Pair gone;

    @BeforeAll
    static void connect() {
        network = new FaultyNetwork("relayed-faults", PathPolicy.RELAY_ONLY);
        openersLeg = network.pair("openers-leg");
        otherLeg = network.pair("other-leg");
        coordinatorsLeg = network.pairWithCoordinator("coordinators-leg");
        crash = network.pairWithCoordinator("crash");
        flushedRouter = network.router("flushed");
        flushed = network.pair("flushed", flushedRouter.host("flushed-alice"));
        moving = network.pair("moving", network.host("moving-alice"));
        away = network.away(moving.alice().host());
        gone = network.pair("gone");
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

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 20})
    @ResourceLock("coordinators-leg")
    void survivesABlackHoleOnTheCoordinatorsLeg(int seconds) {
        survivesABlackHole(coordinatorsLeg, coordinatorsLeg.coordinator().host(), seconds);
    }

    private static void survivesABlackHole(FaultyNetwork.Pair pair, Host leg, int seconds) {
        Conversation conversation = pair.talk(Kind.RELAYED);

        long healed = blackHole(leg, Duration.ofSeconds(seconds));

        recovers("black hole of " + seconds + " s at " + leg.name(), conversation, healed);
        pair.hangUp(conversation);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    @ResourceLock("crash")
    void survivesTheCoordinatorsCrash(int secondsUntilItIsBack) {
        Conversation conversation = crash.talk(Kind.RELAYED);

        crash.crashCoordinator(Duration.ofSeconds(secondsUntilItIsBack));
        long back = System.nanoTime();

        recovers("coordinator killed for " + secondsUntilItIsBack + " s", conversation, back);
        crash.hangUp(conversation);
    }

    @Test
    @ResourceLock("crash")
    void survivesACoordinatorThatStandsStill() {
        Conversation conversation = crash.talk(Kind.RELAYED);

        long resumed = crash.pauseCoordinator(Duration.ofSeconds(10));

        recovers("coordinator stopped for 10 s", conversation, resumed);
        crash.hangUp(conversation);
    }

    @Test
    void survivesThatTheNatForgetsTwice() {
        Conversation conversation = flushed.talk(Kind.RELAYED);

        for (int i = 0; i < 2; i++) {
            flushedRouter.flush();
            recovers("NAT binding flushed", conversation, System.nanoTime());
        }

        flushed.hangUp(conversation);
    }

    @Test
    void survivesAMoveToAnotherAddressAndBack() {
        Uplink home = moving.alice().host().uplink();
        Conversation conversation = moving.talk(Kind.RELAYED);

        home.disconnect();
        away.connect();
        recovers("moved to another address", conversation, System.nanoTime());
        away.disconnect();
        home.connect();
        recovers("moved back", conversation, System.nanoTime());

        moving.hangUp(conversation);
    }

    @Test
    void endsWithAReasonWhenThePeerIsGone() {
        Conversation conversation = gone.talk(Kind.RELAYED);

        gone.bob().kill();

        Report report = conversation.endWithoutBob(PATIENCE);
        assertThat(report.word("failures")).contains("ConecException");
        await().untilAsserted(() -> assertThat(gone.alice().events())
                .filteredOn(
                        event -> event.startsWith("channel-closed " + gone.bob().id()))
                .singleElement(InstanceOfAssertFactories.STRING)
                .containsAnyOf("IDLE_TIMEOUT", "CONNECTION_LOST"));
    }

    private static void recovers(String fault, Conversation conversation, long end) {
        Recoveries.add(fault, conversation.awaitMessagesAfter(end, PATIENCE));
        // Not just what was under way: it goes on.
        conversation.awaitMessagesAfter(
                System.nanoTime() + Duration.ofSeconds(1).toNanos(), PATIENCE);
        assertThat(conversation.paths()).containsOnly(Kind.RELAYED);
    }
}
