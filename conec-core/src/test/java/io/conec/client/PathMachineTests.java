package io.conec.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.client.PathMachine.Action;
import io.conec.client.PathMachine.State;
import io.conec.client.PathMachine.Traffic;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PathMachineTests {
    private static final InetSocketAddress A = new InetSocketAddress("192.0.2.1", 1);
    private static final InetSocketAddress B = new InetSocketAddress("192.0.2.2", 2);
    private static final long KEEP_ALIVE = 15_000;

    private final List<Action> done = new ArrayList<>();
    private long lastTransaction;
    private long now = 1_000_000;
    private long sent;
    private long direct;
    private long relayed;
    private final PathMachine machine = new PathMachine(() -> ++lastTransaction, KEEP_ALIVE);

    /** The whole table: what happens in each state on each event. */
    @ParameterizedTest(name = "{0} | {1}")
    @CsvSource(delimiter = '|', textBlock = """
            RELAYED | candidates          | PROBING
            RELAYED | no candidates       | RELAYED
            RELAYED | request             | RELAYED
            RELAYED | request, answered   | DIRECT
            RELAYED | foreign answer      | RELAYED
            RELAYED | own addresses       | RELAYED
            RELAYED | silence             | RELAYED
            RELAYED | relay restored      | RELAYED
            PROBING | candidates          | PROBING
            PROBING | no candidates       | RELAYED
            PROBING | rounds over         | PROBING
            PROBING | a minute later      | PROBING
            PROBING | request             | PROBING
            PROBING | request, answered   | DIRECT
            PROBING | small answer        | PROBING
            PROBING | padded answer       | DIRECT
            PROBING | unpadded answer     | PROBING
            PROBING | foreign answer      | PROBING
            PROBING | answer from another | PROBING
            PROBING | own addresses       | PROBING
            PROBING | silence             | PROBING
            PROBING | relay restored      | PROBING
            DIRECT  | candidates          | DIRECT
            DIRECT  | no candidates       | RELAYED
            DIRECT  | request             | DIRECT
            DIRECT  | silent request      | DIRECT
            DIRECT  | foreign answer      | DIRECT
            DIRECT  | own addresses       | DIRECT
            DIRECT  | relay restored      | DIRECT
            DIRECT  | 3 s of silence      | PROBING
            DIRECT  | checks unanswered   | PROBING
            DIRECT  | silence, answered   | DIRECT
            DIRECT  | rounds over         | DIRECT
            """)
    void transition(State from, String event, State to) {
        bring(from);

        happen(event);

        assertThat(machine.state()).isEqualTo(to);
    }

    @Test
    void probesEveryCandidateAtOnceAndAgainWithGrowingDistance() {
        perform(machine.candidates(now, List.of(A, B)));
        assertThat(probed()).containsExactly(A, B);

        List<Long> rounds = new ArrayList<>(List.of(0L));
        long began = now;
        while (rounds.size() < PathMachine.ROUNDS.length) {
            done.clear();
            pass(machine.deadline() - now);
            assertThat(probed()).containsExactly(A, B);
            rounds.add(now - began);
        }

        assertThat(rounds)
                .containsExactlyElementsOf(
                        Arrays.stream(PathMachine.ROUNDS).boxed().toList());
    }

    @Test
    void probesAgainAndAgainAtGrowingDistance() {
        perform(machine.candidates(now, List.of(A)));
        pass(PathMachine.ROUNDS[PathMachine.ROUNDS.length - 1]);

        assertThat(waits(8)).containsExactly(2_000L, 3_000L, 4_500L, 6_750L, 10_125L, 15_000L, 15_000L, 15_000L);
    }

    /** How long it is to the next rounds, of one probe each. */
    private List<Long> waits(int rounds) {
        List<Long> waits = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            done.clear();
            long since = now;
            pass(machine.deadline() - now);
            assertThat(probed()).hasSize(1);
            waits.add(now - since);
        }
        return waits;
    }

    @Test
    void newCandidatesBeginAnew() {
        perform(machine.candidates(now, List.of(A)));
        pass(100_000);
        perform(machine.candidates(now, List.of(B)));

        assertThat(waits(7)).containsExactly(100L, 150L, 250L, 500L, 800L, 1_200L, 1_500L);
        assertThat(probed()).containsExactly(B);
        assertThat(waits(1)).containsExactly(PathMachine.FIRST_BACK_OFF);
    }

    /** Else a peer could have this client send as much as it likes to whom it likes. */
    @Test
    void beginsAnewAtMostOnceASecond() {
        for (int i = 0; i < 1_000; i++) {
            perform(machine.candidates(now, List.of(A, B)));
            perform(machine.localChange(now));
            pass(10);
        }

        long roundsASecond = Arrays.stream(PathMachine.ROUNDS)
                .filter(round -> round < PathMachine.BURST_INTERVAL)
                .count();
        assertThat(probed().size()).isBetween(20, (int) (11 * roundsASecond * 2));
    }

    @Test
    void newCandidatesAreProbedAlsoRightAfterOthers() {
        perform(machine.candidates(now, List.of(A)));
        pass(10);
        perform(machine.candidates(now, List.of(A, B)));
        done.clear();
        pass(100);

        assertThat(probed()).contains(B);
    }

    /** However long the path was gone. */
    @ParameterizedTest(name = "gone for {0} s: within {1} ms")
    @CsvSource({"4, 1600", "6, 2000", "10, 3100", "30, 10200", "300, 15000", "3600, 15000"})
    void takesAPathThatIsBackAgain(int gone, long within) {
        bring(State.DIRECT);
        wake();
        for (int i = 0; i < 31; i++) {
            sent++;
            pass(100);
        }
        pass(gone * 1_000L - 3_100);
        done.clear();
        long back = now;
        while (machine.state() != State.DIRECT) {
            pass(10);
            if (!probed().isEmpty()) {
                answerLast(A, last(Action.Probe.class).padded());
            }
        }

        assertThat(now - back).isLessThanOrEqualTo(within);
    }

    @Test
    void asksOnceMoreWithAPaddedProbeBeforeItUsesAPath() {
        perform(machine.candidates(now, List.of(A)));
        answerLast(A, false);

        assertThat(last(Action.Probe.class).padded()).isTrue();
        assertThat(machine.state()).isEqualTo(State.PROBING);
        now += 30;
        answerLast(A, true);

        assertThat(last(Action.Use.class).to()).isEqualTo(A);
        assertThat(machine.roundTrip().orElseThrow()).isBetween(3.0, 4.0);
    }

    @ParameterizedTest(name = "{0} ms, then {1} ms")
    @CsvSource({"40, 29, true", "40, 31, false", "40, 40, false", "40, 90, false", "4, 1, false", "12, 6, true"})
    void takesAFasterPairButNotOneThatIsAlmostAsFast(long first, long second, boolean taken) {
        perform(machine.candidates(now, List.of(A)));
        answerIn(first, A);
        assertThat(last(Action.Use.class).to()).isEqualTo(A);
        pass(PathMachine.BURST_INTERVAL);
        perform(machine.candidates(now, List.of(A, B)));
        answerIn(second, B);

        assertThat(last(Action.Use.class).to()).isEqualTo(taken ? B : A);
        assertThat(last(Action.Use.class).reason()).isEqualTo(taken ? "it is faster than " + A : "it answered probes");
    }

    private void answerIn(long millis, InetSocketAddress from) {
        for (boolean padded : new boolean[] {false, true}) {
            assertThat(lastTo(from).padded()).isEqualTo(padded);
            now += millis;
            perform(machine.response(now, lastTo(from).transaction(), from, padded));
        }
    }

    @Test
    void learnsAnAddressFromARequest() {
        perform(machine.candidates(now, List.of(A)));
        perform(machine.request(now, B, false));
        assertThat(last(Action.Probe.class).to()).isEqualTo(B);
        answerLast(B, false);
        answerLast(B, true);

        assertThat(last(Action.Use.class).to()).isEqualTo(B);
    }

    @Test
    void answersAFloodOfRequestsWithFewProbes() {
        bring(State.RELAYED);
        done.clear();
        for (int i = 0; i < 1_000; i++) {
            perform(machine.request(now, B, false));
        }

        assertThat(probed()).containsExactly(B);
    }

    @Test
    void remembersNoMoreAddressesThanItShould() {
        List<InetSocketAddress> many = IntStream.range(1, 100)
                .mapToObj(port -> new InetSocketAddress("192.0.2.9", port))
                .toList();
        perform(machine.candidates(now, many));
        many.forEach(address -> perform(machine.request(now, address, false)));
        pass(PathMachine.BURST_INTERVAL);
        done.clear();
        perform(machine.localChange(now));

        assertThat(probed()).hasSize(PathMachine.MAX_PAIRS);
    }

    @Test
    void checksTheDirectPathThreeTimesAndGoesBackToTheRelayAfterThreeSeconds() {
        bring(State.DIRECT);
        long since = now;
        wake();
        done.clear();
        List<Long> checks = new ArrayList<>();
        while (machine.state() == State.DIRECT) {
            sent++;
            int before = done.size();
            pass(50);
            done.stream()
                    .skip(before)
                    .filter(action -> action instanceof Action.Probe probe && probe.silent())
                    .forEach(action -> checks.add(now - since));
        }

        assertThat(checks).hasSize(PathMachine.UNANSWERED_CHECKS).isSorted();
        assertThat(checks.get(0)).isBetween(1_000L, 1_100L);
        assertThat(now - since).isBetween(3_000L, 3_150L);
        assertThat(last(Action.Use.class)).isEqualTo(new Action.Use(null, "3 probes to " + A + " were not answered"));
        assertThat(done).contains(new Action.Repeat(null));
    }

    @Test
    void staysDirectWhileSomethingIsHeard() {
        bring(State.DIRECT);
        wake();
        done.clear();
        for (int i = 0; i < 1_000; i++) {
            sent++;
            direct++;
            pass(100);
        }

        assertThat(machine.state()).isEqualTo(State.DIRECT);
        assertThat(done).noneMatch(action -> action instanceof Action.Probe probe && probe.silent());
    }

    /** What arrives here says nothing about what arrives there. */
    @Test
    void givesAPathUpThatWorksOneWayOnly() {
        bring(State.DIRECT);
        wake();
        perform(machine.request(now, A, true));
        long since = now;
        while (machine.state() == State.DIRECT) {
            sent++;
            direct++;
            pass(50);
        }

        assertThat(now - since).isLessThanOrEqualTo(3_000);
    }

    @Test
    void sendsTheLastPacketAgainWhenTheOtherSideHearsNothing() {
        bring(State.DIRECT);
        done.clear();
        perform(machine.request(now, A, true));
        perform(machine.request(now, null, true));

        assertThat(done).contains(new Action.Repeat(A), new Action.Repeat(null));
    }

    /** A request is short, and may come from an address that is somebody else's. */
    @Test
    void sendsNoPacketsToWhereNobodyHasAnswered() {
        bring(State.DIRECT);
        done.clear();
        perform(machine.request(now, B, true));
        assertThat(done).contains(new Action.Repeat(A)).doesNotContain(new Action.Repeat(B));

        perform(machine.response(now, lastTo(B).transaction(), B, false));
        perform(machine.request(now, B, true));
        assertThat(done).contains(new Action.Repeat(B));
    }

    @Test
    void sendsTheLastPacketAgainWhenTheRelayAnswersAfterASilence() {
        bring(State.RELAYED);
        wake();
        done.clear();
        for (int i = 0; i < 30; i++) {
            sent++;
            pass(100);
        }
        assertThat(done)
                .filteredOn(Action.Probe.class::isInstance)
                .isNotEmpty()
                .allMatch(action -> ((Action.Probe) action).silent());
        assertThat(done).doesNotContain(new Action.Repeat(null));

        answerLast(null, false);

        assertThat(done).contains(new Action.Repeat(null));
    }

    /** QUIC's next packet may be far away. */
    @Test
    void sendsTheLastPacketAgainOnAPathThatIsFoundAfterASilence() {
        perform(machine.candidates(now, List.of(A)));
        wake();
        for (int i = 0; i < 10; i++) {
            sent++;
            pass(100);
        }
        for (boolean padded : new boolean[] {false, true}) {
            assertThat(done).doesNotContain(new Action.Repeat(A));
            perform(machine.response(now, lastTo(A).transaction(), A, padded));
        }

        assertThat(done).containsSubsequence(new Action.Use(A, "it answered probes"), new Action.Repeat(A));
    }

    @Test
    void sendsTheLastPacketAgainWhileNothingIsHeardOnTheRelayAlone() {
        wake();
        for (int i = 0; i < 40; i++) {
            sent++;
            pass(100);
        }

        assertThat(done).hasSizeBetween(4, 5).containsOnly(new Action.Repeat(null));
    }

    /** Two clients that stay on the relay send each other no probes that could be answered. */
    @ParameterizedTest(name = "after {0} ms")
    @CsvSource({"700, false", "5000, true"})
    void sendsTheLastPacketAgainWhenSomethingIsHeardAfterASilence(long silence, boolean again) {
        wake();
        for (long passed = 0; passed < silence; passed += 100) {
            sent++;
            pass(100);
        }
        done.clear();
        relayed++;
        pass(600);

        assertThat(done.contains(new Action.Repeat(null))).isEqualTo(again);
    }

    @Test
    void aQuietChannelCostsNothingButTheKeepAlive() {
        bring(State.DIRECT);
        while (now < 1_000_000 + 10_000) {
            pass(100);
        }
        assertThat(machine.isIdle()).isTrue();
        // Looking for better pairs is over, and its back-off is another matter.
        done.clear();
        pass(KEEP_ALIVE - 10_000 + 100);

        assertThat(probed()).contains(A);
        answerLast(A, false);
        assertThat(machine.state()).isEqualTo(State.DIRECT);
    }

    @Test
    void aReplayedAnswerDoesNothing() {
        perform(machine.candidates(now, List.of(A)));
        long transaction = lastTo(A).transaction();
        perform(machine.response(now, transaction, A, false));
        done.clear();
        perform(machine.response(now, transaction, A, false));

        assertThat(done).isEmpty();
    }

    private void bring(State state) {
        switch (state) {
            case RELAYED -> perform(machine.candidates(now, List.of()));
            case PROBING -> perform(machine.candidates(now, List.of(A)));
            case DIRECT -> {
                perform(machine.candidates(now, List.of(A)));
                answerLast(A, false);
                answerLast(A, true);
            }
        }
        assertThat(machine.state()).isEqualTo(state);
    }

    private void happen(String event) {
        switch (event) {
            case "candidates" -> perform(machine.candidates(now, List.of(A, B)));
            case "no candidates" -> perform(machine.candidates(now, List.of()));
            case "a minute later" -> pass(60_000);
            case "request" -> perform(machine.request(now, B, false));
            case "request, answered" -> {
                perform(machine.request(now, B, false));
                answerLast(B, false);
                answerLast(B, true);
            }
            case "silent request" -> perform(machine.request(now, A, true));
            case "small answer" -> answerLast(A, false);
            case "padded answer" -> {
                if (machine.state() == State.PROBING) {
                    answerLast(A, false);
                }
                answerLast(A, true);
            }
            case "unpadded answer" -> {
                answerLast(A, false);
                answerLast(A, false);
            }
            case "foreign answer" -> perform(machine.response(now, 99_999, A, true));
            case "answer from another" -> {
                answerLast(A, false);
                perform(machine.response(now, last(Action.Probe.class).transaction(), B, true));
            }
            case "own addresses" -> perform(machine.localChange(now));
            case "relay restored" -> perform(machine.relayRestored(now));
            case "rounds over" -> {
                for (int i = 0; i < 100; i++) {
                    pass(50);
                }
            }
            case "silence", "3 s of silence" -> {
                wake();
                for (int i = 0; i < 31; i++) {
                    sent++;
                    pass(100);
                }
            }
            case "silence, answered" -> {
                wake();
                for (int i = 0; i < 40; i++) {
                    sent++;
                    pass(100);
                    if (last(Action.Probe.class).silent()) {
                        answerLast(A, false);
                    }
                }
            }
            case "checks unanswered" -> pass(KEEP_ALIVE, 3 * PathMachine.CHECK_INTERVAL + 100);
            default -> throw new IllegalArgumentException(event);
        }
    }

    /** In steps of 50 ms, as timers run. */
    private void pass(long... spans) {
        for (long span : spans) {
            long until = now + span;
            while (now < until) {
                now = Math.min(until, Math.max(now + 1, Math.min(now + 50, machine.deadline())));
                perform(machine.timeout(now, new Traffic(sent, direct, relayed)));
            }
        }
    }

    private void wake() {
        perform(machine.wake(now));
    }

    private void answerLast(@Nullable InetSocketAddress from, boolean padded) {
        perform(machine.response(now, last(Action.Probe.class).transaction(), from, padded));
    }

    private void perform(List<Action> actions) {
        done.addAll(actions);
    }

    private List<InetSocketAddress> probed() {
        List<InetSocketAddress> probed = new ArrayList<>();
        for (Action action : done) {
            if (action instanceof Action.Probe probe && probe.to() != null) {
                probed.add(probe.to());
            }
        }
        return probed;
    }

    private Action.Probe lastTo(InetSocketAddress address) {
        Action.@Nullable Probe last = null;
        for (Action action : done) {
            if (action instanceof Action.Probe probe && address.equals(probe.to())) {
                last = probe;
            }
        }
        assertThat(last).isNotNull();
        return last;
    }

    private <T extends Action> T last(Class<T> type) {
        List<T> ofType = done.stream().filter(type::isInstance).map(type::cast).toList();
        assertThat(ofType).isNotEmpty();
        return ofType.get(ofType.size() - 1);
    }
}
