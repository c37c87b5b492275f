package io.conec.coordinator;

import io.conec.ErrorCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/**
 * One group: passes each message on to all members, in one order, as long as no member makes the senders wait. No socket and no clock: what it does to the parties is done by their
 * {@link Member.Outlet}s, time comes in. Owned by the event loop; the counts are for any thread.
 */
final class Group {
    private final String name;
    private final List<Member> members = new ArrayList<>();
    private Member[] receiving = {};

    /** Members that the senders wait for. */
    private final Set<Member> holding = new LinkedHashSet<>();
    /** Members whose messages wait, each once, the next one first. */
    private final ArrayDeque<Member> waiting = new ArrayDeque<>();

    private final HoldBudget budget;
    private long waitingSince;
    private boolean passing;

    private volatile int memberCount;
    private volatile int senderCount;
    private volatile int receiverCount;
    private final LongAdder messages = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder lost = new LongAdder();

    Group(String name, long now) {
        this.name = name;
        this.budget = new HoldBudget(now);
    }

    String name() {
        return name;
    }

    int members() {
        return memberCount;
    }

    int senders() {
        return senderCount;
    }

    int receivers() {
        return receiverCount;
    }

    HostedGroup snapshot() {
        return new HostedGroup(name, memberCount, senderCount, receiverCount, messages.sum(), bytes.sum(), lost.sum());
    }

    /** A message was dropped for a member that will not get it. */
    void countLost() {
        lost.increment();
    }

    void add(Member member) {
        members.add(member);
        changed();
    }

    /** Takes a member out; what it sent and is not passed on yet is dropped. */
    void remove(Member member, long now) {
        if (!members.remove(member)) {
            return;
        }
        changed();
        waiting.remove(member);
        member.leave();
        holding.remove(member);
        proceed(now);
    }

    /** Each member, in the order of joining. A copy. */
    List<Member> all() {
        return List.copyOf(members);
    }

    /** A member sends a message: it is passed on now, or when those whom it has to wait for let it. {@code passedOn} runs when it was. */
    void publish(Member from, byte[] payload, Runnable passedOn, long now) {
        if (from.hasLeft()) {
            return;
        }
        if (waiting.isEmpty() && holding.isEmpty() && !passing) {
            pass(from, payload, now);
            passedOn.run();
            return;
        }
        if (waiting.isEmpty()) {
            waitingSince = now;
        }
        if (from.pending.isEmpty()) {
            waiting.add(from);
        }
        from.pending.add(new Member.Pending(payload, passedOn));
        expire(now);
    }

    /** A member may take more. */
    void drain(Member member, long now) {
        member.drain(this, now);
        if (!member.queue().holds() && holding.remove(member)) {
            proceed(now);
        }
    }

    /** Whether messages wait for a member. To be {@link #expire expired} every few milliseconds as long as they do. */
    boolean isWaiting() {
        return !waiting.isEmpty();
    }

    /** Time has passed: those that made the senders wait for too long do so no more. */
    void expire(long now) {
        boolean gaveUp;
        do {
            gaveUp = false;
            boolean budgetLeft = saveOrSpend(now) > 0;
            for (Member member : List.copyOf(holding)) {
                boolean patient =
                        member.queue().blocks() ? now - member.queue().patienceEnds(waitingSince) < 0 : budgetLeft;
                if (!waiting.isEmpty() && !patient) {
                    member.queue().patienceOver();
                    holding.remove(member);
                    endIfOver(member);
                    gaveUp = true;
                }
            }
            proceed(now);
        } while (gaveUp && !waiting.isEmpty());
    }

    /** Passes on what waits, the senders taking turns, until a member holds again. */
    private void proceed(long now) {
        if (passing) {
            return;
        }
        while (holding.isEmpty()) {
            Member next = waiting.poll();
            if (next == null) {
                break;
            }
            Member.Pending first = next.pending.remove();
            pass(next, first.payload, now);
            first.passedOn.run();
            if (!next.pending.isEmpty()) {
                waiting.add(next);
            } else {
                next.outlet().sentAll();
            }
        }
        saveOrSpend(now);
    }

    private void pass(Member from, byte[] payload, long now) {
        messages.increment();
        bytes.add(payload.length);
        passing = true;
        Broadcast message = new Broadcast(from.id(), payload);
        List<Member> over = List.of();
        for (Member member : receiving) {
            if (!member.wants(message)) {
                continue;
            }
            member.offer(message, now);
            member.drain(this, now);
            if (member.queue().holds()) {
                holding.add(member);
            } else if (member.queue().isOver()) {
                over = over.isEmpty() ? new ArrayList<>() : over;
                over.add(member);
            }
        }
        message.release();
        passing = false;
        over.forEach(Group::endIfOver);
    }

    private static void endIfOver(Member member) {
        if (member.queue().isOver()) {
            member.outlet()
                    .end(
                            ErrorCode.NOT_READING,
                            "too slow for the group: " + member.queue().size() + " messages wait");
        }
    }

    /** The budget is spent while a member that does not block makes somebody wait. Tells what is left of it. */
    private long saveOrSpend(long now) {
        boolean spend = !waiting.isEmpty()
                && holding.stream().anyMatch(member -> !member.queue().blocks());
        return budget.update(now, spend);
    }

    private void changed() {
        memberCount = members.size();
        senderCount = (int)
                members.stream().filter(member -> member.options().sends()).count();
        receiving =
                members.stream().filter(member -> member.options().receives()).toArray(Member[]::new);
        receiverCount = receiving.length;
        members.forEach(Member::stateChanged);
    }
}
