package io.conec.coordinator;

import io.conec.SlowReceiver;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The messages that wait for one member of a group, and what its {@link SlowReceiver} makes of them when there are too many. Pure: time comes in. Owned by the event loop.
 *
 * <pre>
 *            full                patience over
 * KEEPING_UP ----> HOLDING -----------------------> BEHIND --another message, DISCONNECT--> OVER
 *      ^ ^           |   `--patience over, BLOCK--> OVER |
 *      | `-half taken'                                   |
 *      `----------------half taken, DROP_OLDEST----------'
 * </pre>
 *
 * While it is HOLDING, the senders wait. While it is BEHIND, nobody waits for it.
 *
 * @param <M> the messages
 */
final class MemberQueue<M> {
    private enum State {
        KEEPING_UP,
        HOLDING,
        BEHIND,
        OVER
    }

    private record Waiting<M>(M message, int bytes, long lostBefore) {}

    /**
     * A message that is the member's turn.
     *
     * @param lostBefore messages dropped between the one taken before and this one
     */
    record Taken<M>(M message, long lostBefore) {}

    private final SlowReceiver policy;
    private final int maxMessages;
    private final int maxBytes;
    private final long patienceNanos;
    private final Consumer<M> released;
    private final Runnable lost;
    private final ArrayDeque<Waiting<M>> messages = new ArrayDeque<>();
    private State state = State.KEEPING_UP;
    private long bytes;
    private long lostAtHead;
    private long lostAtTail;
    private long heldSince;
    private int takenSinceBehind;
    private long takenBytesSinceBehind;

    /**
     * @param maxBytes limit on the bytes besides that on the messages; one message may exceed it alone
     * @param maxBlock the longest patience with a member that blocks
     * @param released gets each message that is not kept and will not be taken
     * @param lost runs for each message that is counted as lost
     */
    MemberQueue(SlowReceiver policy, int maxBytes, Duration maxBlock, Consumer<M> released, Runnable lost) {
        this.policy = policy;
        this.maxMessages = policy.maxMessages();
        this.maxBytes = maxBytes;
        this.released = released;
        this.lost = lost;
        this.patienceNanos = policy instanceof SlowReceiver.Block block
                ? (block.atMost().compareTo(maxBlock) < 0 ? block.atMost() : maxBlock).toNanos()
                : 0;
    }

    /** A message for the member. To be called while it {@link #holds()} only if that cannot be helped: it takes more than it should then. */
    void offer(M message, int size, long now) {
        if (state == State.BEHIND) {
            if (policy instanceof SlowReceiver.Disconnect) {
                state = State.OVER;
            } else {
                while (isFull(size)) {
                    dropHead();
                }
            }
        }
        if (state == State.OVER) {
            released.accept(message);
            return;
        }
        messages.add(new Waiting<>(message, size, lostAtTail));
        bytes += size;
        lostAtTail = 0;
        if (state == State.KEEPING_UP && isFull(0)) {
            state = State.HOLDING;
            heldSince = now;
        }
    }

    /** A message that the member does not take is lost for it, in its place. */
    void skip() {
        lostAtTail++;
        lost.run();
    }

    /** The next message; null if there is none. */
    @Nullable
    Taken<M> poll(long now) {
        Waiting<M> next = messages.poll();
        if (next == null) {
            return null;
        }
        bytes -= next.bytes;
        long lostBefore = lostAtHead + next.lostBefore;
        lostAtHead = 0;
        if (state == State.HOLDING) {
            heldSince = policy instanceof SlowReceiver.Block ? now : heldSince;
            if (messages.size() <= maxMessages / 2 && bytes <= maxBytes / 2) {
                state = State.KEEPING_UP;
            }
        } else if (state == State.BEHIND) {
            takenSinceBehind++;
            takenBytesSinceBehind += next.bytes;
            if (takenSinceBehind >= maxMessages - maxMessages / 2 || takenBytesSinceBehind >= maxBytes / 2) {
                state = State.KEEPING_UP;
            }
        }
        return new Taken<>(next.message, lostBefore);
    }

    /** Messages lost behind the last one, if none waits any more; each is told once. */
    long takeLostAtEnd() {
        if (!messages.isEmpty()) {
            return 0;
        }
        long lostAtEnd = lostAtHead + lostAtTail;
        lostAtHead = 0;
        lostAtTail = 0;
        return lostAtEnd;
    }

    /** Whether the senders are to wait. */
    boolean holds() {
        return state == State.HOLDING;
    }

    /** Whether it blocks as long as its patience lasts, not as long as the group's. */
    boolean blocks() {
        return policy instanceof SlowReceiver.Block;
    }

    /** When a blocking member that holds has lost the right to, if the senders have been waiting since then. */
    long patienceEnds(long sendersWaitSince) {
        return (heldSince - sendersWaitSince > 0 ? heldSince : sendersWaitSince) + patienceNanos;
    }

    /** The senders do not wait for it any longer. */
    void patienceOver() {
        if (state == State.HOLDING) {
            state = blocks() ? State.OVER : State.BEHIND;
            takenSinceBehind = 0;
            takenBytesSinceBehind = 0;
        }
    }

    /** Whether the membership has to end because nobody reads. */
    boolean isOver() {
        return state == State.OVER;
    }

    /** How many messages wait. */
    int size() {
        return messages.size();
    }

    /** Drops everything, without counting it: the member has left. */
    void clear() {
        messages.forEach(waiting -> released.accept(waiting.message));
        messages.clear();
        bytes = 0;
    }

    private void dropHead() {
        Waiting<M> oldest = messages.remove();
        bytes -= oldest.bytes;
        lostAtHead += oldest.lostBefore + 1;
        lost.run();
        released.accept(oldest.message);
    }

    /** Whether it would be over its limits with a further message of that size; with 0, whether it has reached them. */
    private boolean isFull(int more) {
        return !messages.isEmpty() && (messages.size() >= maxMessages || bytes + more >= maxBytes);
    }
}
