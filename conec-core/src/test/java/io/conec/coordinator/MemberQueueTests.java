package io.conec.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.SlowReceiver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

final class MemberQueueTests {
    private static final int BIG = 1 << 20;
    private static final Duration LONG = Duration.ofMinutes(1);

    private final List<Integer> released = new ArrayList<>();
    private final AtomicInteger lost = new AtomicInteger();

    @Test
    void keepsUpBelowItsLimit() {
        MemberQueue<Integer> queue = queue(SlowReceiver.block(3, LONG), BIG);
        offer(queue, 1, 2);

        assertThat(queue.holds()).isFalse();
        assertThat(take(queue)).containsExactly("1", "2");
    }

    @Test
    void holdsFromItsLimitUntilHalfIsTaken() {
        MemberQueue<Integer> queue = queue(SlowReceiver.block(4, LONG), BIG);
        offer(queue, 1, 2, 3, 4);
        assertThat(queue.holds()).isTrue();

        queue.poll(0);
        assertThat(queue.holds()).isTrue();
        queue.poll(0);
        assertThat(queue.holds()).isFalse();
    }

    @Test
    void countsBytesAsWell() {
        MemberQueue<Integer> queue = queue(SlowReceiver.block(100, LONG), 10);
        queue.offer(1, 6, 0);
        assertThat(queue.holds()).isFalse();
        queue.offer(2, 4, 0);
        assertThat(queue.holds()).isTrue();
        queue.poll(0);
        assertThat(queue.holds()).isFalse();
    }

    @Test
    void oneMessageMayBeLargerThanTheLimit() {
        MemberQueue<Integer> queue = queue(SlowReceiver.dropOldest(100), 10);
        queue.offer(1, 1_000, 0);
        queue.patienceOver();
        queue.offer(2, 1_000, 0);

        assertThat(take(queue)).containsExactly("(1 lost) 2");
    }

    @Test
    void blocksFromTheLastMessageTakenOn() {
        MemberQueue<Integer> queue = queue(SlowReceiver.block(3, Duration.ofMillis(1)), BIG);
        queue.offer(1, 1, 10);
        queue.offer(2, 1, 20);
        queue.offer(3, 1, 30);
        assertThat(queue.patienceEnds(5)).isEqualTo(1_000_030);
        assertThat(queue.patienceEnds(500)).as("senders that came later").isEqualTo(1_000_500);

        queue.poll(40);
        assertThat(queue.holds()).isTrue();
        assertThat(queue.patienceEnds(5)).isEqualTo(1_000_040);
        queue.patienceOver();
        assertThat(queue.isOver()).isTrue();
    }

    @Test
    void theCoordinatorMayBeLessPatient() {
        MemberQueue<Integer> queue = new MemberQueue<>(
                SlowReceiver.block(1, LONG), BIG, Duration.ofMillis(1), released::add, lost::incrementAndGet);
        queue.offer(1, 1, 0);

        assertThat(queue.patienceEnds(0)).isEqualTo(1_000_000);
    }

    @Test
    void dropsTheOldestOnceNobodyWaits() {
        MemberQueue<Integer> queue = queue(SlowReceiver.dropOldest(2), BIG);
        offer(queue, 1, 2);
        assertThat(queue.holds()).isTrue();
        queue.patienceOver();
        assertThat(queue.holds()).isFalse();
        offer(queue, 3, 4, 5);

        assertThat(released).containsExactly(1, 2, 3);
        assertThat(lost).hasValue(3);
        assertThat(take(queue)).containsExactly("(3 lost) 4", "5");
    }

    @Test
    void isWaitedForAgainWhenItHasTakenHalf() {
        MemberQueue<Integer> queue = queue(SlowReceiver.dropOldest(4), BIG);
        offer(queue, 1, 2, 3, 4);
        queue.patienceOver();
        queue.poll(0);
        offer(queue, 5);
        assertThat(queue.holds()).as("it is still behind").isFalse();
        queue.poll(0);
        offer(queue, 6);

        assertThat(queue.holds()).isTrue();
        assertThat(lost).hasValue(0);
    }

    @Test
    void isOverWithOneMessageTooMany() {
        MemberQueue<Integer> queue = queue(SlowReceiver.disconnect(2), BIG);
        offer(queue, 1, 2);
        queue.patienceOver();
        assertThat(queue.isOver()).isFalse();
        offer(queue, 3);

        assertThat(queue.isOver()).isTrue();
        assertThat(released).containsExactly(3);
        assertThat(lost).hasValue(0);
    }

    @Test
    void tellsWhereMessagesWereSkipped() {
        MemberQueue<Integer> queue = queue(SlowReceiver.block(10, LONG), BIG);
        queue.skip();
        offer(queue, 1);
        queue.skip();
        queue.skip();

        assertThat(queue.takeLostAtEnd()).as("others wait before").isZero();
        assertThat(take(queue)).containsExactly("(1 lost) 1");
        assertThat(queue.takeLostAtEnd()).isEqualTo(2);
        assertThat(queue.takeLostAtEnd()).isZero();
        assertThat(lost).hasValue(3);
    }

    @Test
    void releasesWhatAMemberLeavesBehind() {
        MemberQueue<Integer> queue = queue(SlowReceiver.dropOldest(10), BIG);
        offer(queue, 1, 2);
        queue.clear();

        assertThat(released).containsExactly(1, 2);
        assertThat(lost).hasValue(0);
        assertThat(queue.poll(0)).isNull();
    }

    private enum What {
        OFFER,
        SKIP,
        POLL,
        PATIENCE_OVER
    }

    record Step(What what, int bytes) {}

    /** Each message is taken, or counted as lost in its place, in order; and no more wait than may. */
    @Property(tries = 2_000)
    void everyMessageIsTakenOrCounted(
            @ForAll("policies") SlowReceiver policy,
            @ForAll("maxBytes") int maxBytes,
            @ForAll("steps") List<Step> steps) {
        lost.set(0);
        MemberQueue<Integer> queue = queue(policy, maxBytes);
        int sent = 0;
        int next = 0;
        for (Step step : steps) {
            switch (step.what()) {
                case OFFER -> {
                    // As a group does: nobody sends while it holds.
                    if (!queue.holds() && !queue.isOver()) {
                        queue.offer(sent, step.bytes(), 0);
                        if (!queue.isOver()) {
                            sent++;
                        }
                    }
                }
                case SKIP -> {
                    queue.skip();
                    sent++;
                }
                case POLL -> next = takeOne(queue, next);
                case PATIENCE_OVER -> queue.patienceOver();
            }
            assertThat(queue.size()).isLessThanOrEqualTo(policy.maxMessages());
        }
        while (queue.size() > 0) {
            next = takeOne(queue, next);
        }
        assertThat(next + queue.takeLostAtEnd()).isEqualTo(sent);
        if (!(policy instanceof SlowReceiver.DropOldest)) {
            assertThat(lost.get())
                    .isEqualTo(steps.stream()
                            .filter(step -> step.what() == What.SKIP)
                            .count());
        }
    }

    /** Messages are numbered as they were sent: those that are missing before one are those that it says. */
    private static int takeOne(MemberQueue<Integer> queue, int next) {
        MemberQueue.Taken<Integer> taken = queue.poll(0);
        if (taken == null) {
            return next + (int) queue.takeLostAtEnd();
        }
        assertThat((long) taken.message()).isEqualTo(next + taken.lostBefore());
        return taken.message() + 1;
    }

    @Provide
    Arbitrary<SlowReceiver> policies() {
        Arbitrary<Integer> limit = Arbitraries.integers().between(1, 6);
        return Arbitraries.oneOf(
                limit.map(most -> SlowReceiver.block(most, LONG)),
                limit.map(SlowReceiver::dropOldest),
                limit.map(SlowReceiver::disconnect));
    }

    @Provide
    Arbitrary<Integer> maxBytes() {
        return Arbitraries.of(1, 20, 1_000);
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<What> what = Arbitraries.frequency(
                Tuple.of(10, What.OFFER),
                Tuple.of(1, What.SKIP),
                Tuple.of(5, What.POLL),
                Tuple.of(2, What.PATIENCE_OVER));
        return Combinators.combine(what, Arbitraries.integers().between(0, 12))
                .as(Step::new)
                .list()
                .ofMaxSize(100);
    }

    private MemberQueue<Integer> queue(SlowReceiver policy, int maxBytes) {
        return new MemberQueue<>(policy, maxBytes, LONG, released::add, lost::incrementAndGet);
    }

    private static void offer(MemberQueue<Integer> queue, int... messages) {
        for (int message : messages) {
            queue.offer(message, 1, 0);
        }
    }

    private static List<String> take(MemberQueue<Integer> queue) {
        List<String> all = new ArrayList<>();
        for (MemberQueue.Taken<Integer> next = queue.poll(0); next != null; next = queue.poll(0)) {
            all.add((next.lostBefore() > 0 ? "(" + next.lostBefore() + " lost) " : "") + next.message());
        }
        return all;
    }
}
