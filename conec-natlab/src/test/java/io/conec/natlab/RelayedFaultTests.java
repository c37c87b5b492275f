package io.conec.natlab;

import static io.conec.natlab.FaultyNetwork.PATIENCE;
import static io.conec.natlab.FaultyNetwork.blackHole;
import static io.conec.natlab.FaultyNetwork.lasts;
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
    private static Router flushedRouter;
    private static Uplink away;

    @BeforeAll
    static void connect() {
        network = new FaultyNetwork("relayed-faults", PathPolicy.RELAY_ONLY);
        network.add("legs");
        network.add("gone");
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

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 20})
    @ResourceLock("crash")
    void survivesABlackHoleOnTheCoordinatorsLeg(int seconds) {
        survivesABlackHole(network.pair("crash"), network.illTreated().host(), seconds);
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
        FaultyNetwork.Pair pair = network.pair("crash");
        Conversation conversation = pair.talk(Kind.RELAYED);

        network.illTreated().kill();
        lasts(Duration.ofSeconds(secondsUntilItIsBack));
        network.illTreated().restart();
        long back = System.nanoTime();

        recovers("coordinator killed for " + secondsUntilItIsBack + " s", conversation, back);
        pair.hangUp(conversation);
    }

    @Test
    @ResourceLock("crash")
    void survivesACoordinatorThatStandsStill() {
        FaultyNetwork.Pair pair = network.pair("crash");
        Conversation conversation = pair.talk(Kind.RELAYED);

        network.illTreated().pause();
        lasts(Duration.ofSeconds(10));
        long back = System.nanoTime();
        network.illTreated().resume();

        recovers("coordinator stopped for 10 s", conversation, back);
        pair.hangUp(conversation);
    }

    @Test
    void survivesThatTheNatForgetsTwice() {
        FaultyNetwork.Pair pair = network.pair("flushed");
        Conversation conversation = pair.talk(Kind.RELAYED);

        for (int i = 0; i < 2; i++) {
            flushedRouter.flush();
            recovers("NAT binding flushed", conversation, System.nanoTime());
        }

        pair.hangUp(conversation);
    }

    @Test
    void survivesAMoveToAnotherAddressAndBack() {
        FaultyNetwork.Pair pair = network.pair("moving");
        Uplink home = pair.alice().host().uplink();
        Conversation conversation = pair.talk(Kind.RELAYED);

        home.disconnect();
        away.connect();
        recovers("moved to another address", conversation, System.nanoTime());
        away.disconnect();
        home.connect();
        recovers("moved back", conversation, System.nanoTime());

        pair.hangUp(conversation);
    }

    @Test
    void endsWithAReasonWhenThePeerIsGone() {
        FaultyNetwork.Pair pair = network.pair("gone");
        Conversation conversation = pair.talk(Kind.RELAYED);

        pair.bob().kill();

        Report report = conversation.endWithoutBob(PATIENCE);
        assertThat(report.word("failures")).contains("ConecException");
        await().untilAsserted(() -> assertThat(pair.alice().events())
                .filteredOn(
                        event -> event.startsWith("channel-closed " + pair.bob().id()))
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
