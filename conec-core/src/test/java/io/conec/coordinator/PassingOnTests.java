package io.conec.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ClientId;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import io.conec.SlowReceiver;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How a {@link Group} passes messages on when members do not keep up. Time and members are the test's. */
final class PassingOnTests {
    private static final int BIG = 1 << 20;
    private static final Duration MAX_BLOCK = Duration.ofSeconds(10);

    private final Group group = new Group("g", 0);
    private long now;

    /** A party that takes as many messages as it is told to. */
    private final class Party implements Member.Outlet {
        final List<String> got = new ArrayList<>();
        final Member member;
        int takes;
        int sentAll;

        Party(String id, GroupOptions options, int takes) {
            this(id, options, takes, BIG);
        }

        Party(String id, GroupOptions options, int takes, int maxMessageBytes) {
            this.takes = takes;
            MemberQueue<Broadcast> queue =
                    new MemberQueue<>(options.slowReceiver(), BIG, MAX_BLOCK, Broadcast::release, group::countLost);
            member = new Member(new ClientId(id), options, maxMessageBytes, queue, this);
            group.add(member);
            group.drain(member, now);
        }

        Party sends(String... texts) {
            for (String text : texts) {
                group.publish(member, text.getBytes(StandardCharsets.UTF_8), () -> got.add("sent " + text), now);
            }
            return this;
        }

        void takes(int more) {
            takes += more;
            group.drain(member, now);
        }

        @Override
        public boolean isReady() {
            return takes > 0;
        }

        @Override
        public void deliver(Broadcast message) {
            takes--;
            got.add(new String(message.payload(), StandardCharsets.UTF_8));
        }

        @Override
        public void lost(long messages) {
            got.add(messages + " lost");
        }

        @Override
        public void state(int members, int senders, int receivers) {
            // Counts are GroupTests'.
        }

        @Override
        public void sentAll() {
            sentAll++;
        }

        @Override
        public void end(ErrorCode code, String message) {
            got.add(code.toString());
            group.remove(member, now);
        }
    }

    @Test
    void waitsForAMemberThatBlocks() {
        Party sender = new Party("sender", GroupOptions.sendOnly(), 0);
        Party fast = new Party("fast", GroupOptions.receiveOnly(), 100);
        Party slow = new Party("slow", blocking(2, Duration.ofSeconds(1)), 0);
        sender.sends("a", "b", "c", "d");

        assertThat(fast.got).containsExactly("a", "b");
        assertThat(sender.got).containsExactly("sent a", "sent b");
        assertThat(sender.member.pending).hasSize(2);

        slow.takes(1);
        assertThat(fast.got).containsExactly("a", "b", "c");
        slow.takes(3);
        assertThat(slow.got).containsExactly("a", "b", "c", "d");
        assertThat(fast.got).containsExactly("a", "b", "c", "d");
        assertThat(sender.got).containsExactly("sent a", "sent b", "sent c", "sent d");
        assertThat(sender.sentAll).isEqualTo(1);
        assertThat(group.isWaiting()).isFalse();
    }

    @Test
    void endsAMemberThatBlocksForTooLong() {
        Party sender = new Party("sender", GroupOptions.sendOnly(), 0);
        Party fast = new Party("fast", GroupOptions.receiveOnly(), 100);
        Party slow = new Party("slow", blocking(1, Duration.ofSeconds(1)), 0);
        sender.sends("a", "b");
        passes(Duration.ofMillis(999));
        assertThat(fast.got).containsExactly("a");

        passes(Duration.ofMillis(1));
        assertThat(slow.got).containsExactly("NOT_READING");
        assertThat(fast.got).containsExactly("a", "b");
        assertThat(group.members()).isEqualTo(2);
    }

    @Test
    void hasPatienceWithAMemberThatBlocksAsLongAsNobodyWaits() {
        Party sender = new Party("sender", GroupOptions.sendOnly(), 0);
        Party slow = new Party("slow", blocking(1, Duration.ofSeconds(1)), 0);
        sender.sends("a");
        passes(Duration.ofMinutes(5));
        assertThat(slow.got).isEmpty();

        sender.sends("b");
        passes(Duration.ofMillis(999));
        assertThat(slow.got).isEmpty();
        passes(Duration.ofMillis(1));
        assertThat(slow.got).containsExactly("NOT_READING");
    }

    @Test
    void hasPatienceWithAMemberThatBlocksAsLongAsItTakesSomething() {
        Party sender = new Party("sender", GroupOptions.sendOnly(), 0);
        Party slow = new Party("slow", blocking(4, Duration.ofSeconds(1)), 0);
        sender.sends("a", "b", "c", "d", "e", "f", "g");
        passes(Duration.ofMillis(900));
        slow.takes(1);
        passes(Duration.ofMillis(900));
        slow.takes(1);
        passes(Duration.ofMillis(900));

        assertThat(slow.got).containsExactly("a", "b");
        assertThat(group.members()).isEqualTo(2);
    }

    @Test
    void waitsAMomentForAMemberThatDropsAndThenNoMore() {
        Party sender = new Party("sender", GroupOptions.sendOnly(), 0);
        Party fast = new Party("fast", GroupOptions.receiveOnly(), 100);
        Party slow = new Party("slow", dropping(2), 0);
        sender.sends("a", "b", "c", "d", "e");
        assertThat(fast.got).containsExactly("a", "b");
        passes(Duration.ofMillis(99));
        assertThat(fast.got).containsExactly("a", "b");
        passes(Duration.ofMillis(1));

        assertThat(fast.got).containsExactly("a", "b", "c", "d", "e");
        sender.sends("f");
        assertThat(fast.got).endsWith("f");
        slow.takes(10);
        assertThat(slow.got).containsExactly("4 lost", "e", "f");
        assertThat(group.snapshot().lost()).isEqualTo(4);
    }

    @Test
    void aBurstCostsNobodyAnything() {
        Party sender = new Party("sender", GroupOptions.sendOnly(), 0);
        Party one = new Party("one", dropping(2), 0);
        Party other = new Party("other", disconnecting(2), 0);
        sender.sends("a", "b", "c", "d", "e", "f");
        for (int i = 0; i < 6; i++) {
            passes(Duration.ofMillis(10));
            one.takes(1);
            other.takes(1);
        }

        assertThat(one.got).containsExactly("a", "b", "c", "d", "e", "f");
        assertThat(other.got).containsExactly("a", "b", "c", "d", "e", "f");
    }

    @Test
    void endsAMemberOverItsLimit() {
        Party sender = new Party("sender", GroupOptions.sendOnly(), 0);
        Party slow = new Party("slow", disconnecting(2), 0);
        sender.sends("a", "b");
        passes(Duration.ofMinutes(1));
        assertThat(slow.got).as("it is at its limit, not over").isEmpty();
        sender.sends("c");
        passes(Duration.ofMillis(100));

        assertThat(slow.got).containsExactly("NOT_READING");
        assertThat(sender.got).containsExactly("sent a", "sent b", "sent c");
    }

    @Test
    void allThatDoNotBlockTogetherHoldUpASmallShareOfTheTime() {
        Party sender = new Party("sender", GroupOptions.sendOnly(), 0);
        List<Party> slow = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            slow.add(new Party("slow-" + i, dropping(2), 0));
        }
        int heldTicks = 0;
        int ticks = 5_000;
        for (int i = 0; i < ticks; i++) {
            sender.sends("m");
            heldTicks += group.isWaiting() ? 1 : 0;
            passes(Duration.ofMillis(10));
            // Each takes something now and then, so that it is waited for again and again.
            slow.get(i % slow.size()).takes(1);
        }
        assertThat((double) heldTicks / ticks).isLessThan(0.08);
    }

    @Test
    void sendersTakeTurnsWhenTheyHaveWaited() {
        Party one = new Party("one", GroupOptions.sendOnly(), 0);
        Party other = new Party("other", GroupOptions.sendOnly(), 0);
        Party slow = new Party("slow", blocking(1, Duration.ofSeconds(1)), 0);
        one.sends("1a", "1b", "1c");
        other.sends("2a", "2b");
        slow.takes(10);

        assertThat(slow.got).containsExactly("1a", "1b", "2a", "1c", "2b");
    }

    @Test
    void aMessageTooLargeForAMemberIsLostForItAlone() {
        Party sender = new Party("sender", GroupOptions.sendOnly(), 0);
        Party small = new Party("small", GroupOptions.receiveOnly(), 10, 3);
        Party large = new Party("large", GroupOptions.receiveOnly(), 10);
        sender.sends("abc", "abcd", "x", "abcde");

        assertThat(small.got).containsExactly("abc", "1 lost", "x", "1 lost");
        assertThat(large.got).containsExactly("abc", "abcd", "x", "abcde");
    }

    @Test
    void nobodyWaitsForAMemberThatHasLeft() {
        Party sender = new Party("sender", GroupOptions.sendOnly(), 0);
        Party fast = new Party("fast", GroupOptions.receiveOnly(), 100);
        Party slow = new Party("slow", blocking(1, Duration.ofSeconds(1)), 0);
        sender.sends("a", "b");
        group.remove(slow.member, now);

        assertThat(fast.got).containsExactly("a", "b");
    }

    @Test
    void whatAMemberThatHasLeftSendsIsDropped() {
        Party sender = new Party("sender", GroupOptions.sendOnly(), 0);
        Party slow = new Party("slow", blocking(1, Duration.ofSeconds(1)), 0);
        sender.sends("a", "b");
        group.remove(sender.member, now);
        sender.sends("c");
        slow.takes(10);

        assertThat(slow.got).containsExactly("a");
    }

    private void passes(Duration time) {
        now += time.toNanos();
        group.expire(now);
    }

    private static GroupOptions blocking(int messages, Duration atMost) {
        return GroupOptions.receiveOnly().withSlowReceiver(SlowReceiver.block(messages, atMost));
    }

    private static GroupOptions dropping(int messages) {
        return GroupOptions.receiveOnly().withSlowReceiver(SlowReceiver.dropOldest(messages));
    }

    private static GroupOptions disconnecting(int messages) {
        return GroupOptions.receiveOnly().withSlowReceiver(SlowReceiver.disconnect(messages));
    }
}
