package io.conec.coordinator;

import io.conec.ClientId;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** A member as its {@link Group} sees it. Owned by the event loop. */
final class Member {
    /** The way to the party that has joined. */
    interface Outlet {
        /** Whether it takes more now; if not, {@link Group#drain} follows. */
        boolean isReady();

        /** A message; the outlet does not keep it unless it retains it. */
        void deliver(Broadcast message);

        /** So many messages were dropped, behind what was delivered before. */
        void lost(long messages);

        /** The group has changed. */
        void state(int members, int senders, int receivers);

        /** All messages that it sent have been passed on: more may be read. */
        void sentAll();

        /** The membership is over, and is to be {@link Group#remove removed}. */
        void end(ErrorCode code, String message);
    }

    /** A message that the member sent and that waits until it may be passed on. */
    static final class Pending {
        final byte[] payload;
        final Runnable passedOn;

        Pending(byte[] payload, Runnable passedOn) {
            this.payload = payload;
            this.passedOn = passedOn;
        }
    }

    private final @Nullable ClientId id;
    private final GroupOptions options;
    private final int maxMessageBytes;
    private final MemberQueue<Broadcast> queue;
    private final Outlet outlet;
    private boolean stateDue;
    private boolean left;

    /** What it has sent and the group has not passed on. */
    final ArrayDeque<Pending> pending = new ArrayDeque<>(0);

    /**
     * @param id null for the coordinator itself
     * @param maxMessageBytes larger messages are lost for it
     */
    Member(
            @Nullable ClientId id,
            GroupOptions options,
            int maxMessageBytes,
            MemberQueue<Broadcast> queue,
            Outlet outlet) {
        this.id = id;
        this.options = options;
        this.maxMessageBytes = maxMessageBytes;
        this.queue = queue;
        this.outlet = outlet;
    }

    @Nullable
    ClientId id() {
        return id;
    }

    GroupOptions options() {
        return options;
    }

    MemberQueue<Broadcast> queue() {
        return queue;
    }

    Outlet outlet() {
        return outlet;
    }

    boolean wants(Broadcast message) {
        return options.ownMessages() || !java.util.Objects.equals(message.sender(), id);
    }

    /** Puts the message into the queue, or counts it as lost if it is too large for this member. */
    void offer(Broadcast message, long now) {
        int bytes = message.payload().length;
        if (bytes > maxMessageBytes) {
            queue.skip();
        } else {
            queue.offer(message.retain(), bytes, now);
        }
    }

    /** It is no member any more. */
    void leave() {
        left = true;
        pending.clear();
        queue.clear();
    }

    boolean hasLeft() {
        return left;
    }

    /** The group has changed: the member is told as soon as it takes something. */
    void stateChanged() {
        stateDue = true;
    }

    /** Hands the outlet what it takes. */
    void drain(Group group, long now) {
        while (outlet.isReady()) {
            if (stateDue) {
                stateDue = false;
                outlet.state(group.members(), group.senders(), group.receivers());
            }
            MemberQueue.Taken<Broadcast> next = queue.poll(now);
            long lost = next != null ? next.lostBefore() : queue.takeLostAtEnd();
            if (lost > 0) {
                outlet.lost(lost);
            }
            if (next == null) {
                return;
            }
            outlet.deliver(next.message());
            next.message().release();
        }
    }
}
