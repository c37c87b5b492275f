package io.conec.internal.channel;

import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecException;
import io.conec.ConecGroup;
import io.conec.ConecMessage;
import io.conec.ErrorCode;
import io.conec.GroupMessage;
import io.conec.GroupOptions;
import io.conec.SlowReceiver;
import io.conec.internal.transport.LoopBorrower;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;

/** A party's own membership: what it has received, how many members there are, and its end. How messages get there and back is the party's. */
public abstract class Membership implements ConecGroup {
    private static final ReceiveQueue.Kind<GroupMessage> KIND = new ReceiveQueue.Kind<>() {
        @Override
        public ConecMessage content(GroupMessage message) {
            return message.message();
        }

        @Override
        public GroupMessage withLostBefore(GroupMessage message, long lost) {
            return message.withLostBefore(lost);
        }
    };

    /** Says that there is room, to whoever wants to know. */
    private static final class Room implements Runnable {
        private volatile Runnable action = () -> {};

        @Override
        public void run() {
            action.run();
        }
    }

    private final Room room = new Room();
    private final String name;
    private final GroupOptions options;
    private final Dispatcher dispatcher;
    private final ReceiveQueue<GroupMessage> receiving;
    private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile int members;
    private volatile int senders;
    private volatile int receivers;
    /** Told by the group, for the next message. Written by the event loop. */
    private volatile long lostBeforeNext;
    /** Owned by the event loop. */
    private final List<GroupMessage> arrived = new ArrayList<>();

    private long arrivedBytes;

    protected Membership(String name, GroupOptions options, Dispatcher dispatcher, int receiveBufferBytes) {
        this.name = name;
        this.options = options;
        this.dispatcher = dispatcher;
        this.receiving = new ReceiveQueue<>(KIND, dispatcher, LoopBorrower.never(), receiveBufferBytes, room);
        if (options.slowReceiver() instanceof SlowReceiver.DropOldest oldest) {
            receiving.dropOldest(oldest.maxMessages());
        }
    }

    /** What to do when there is room for messages again, after {@link #hasRoom} said no; on any thread. To be said once, at the beginning. */
    protected final void onRoom(Runnable action) {
        room.action = action;
    }

    protected final Dispatcher dispatcher() {
        return dispatcher;
    }

    // On the event loop.

    /** Whether more messages may come; if not, what {@link #onRoom} said follows. */
    public final boolean hasRoom() {
        return receiving.hasRoom();
    }

    /** A message arrived. The application has it after {@link #readComplete}. */
    protected final void received(String sender, boolean fromCoordinator, byte[] payload) {
        long lost = lostBeforeNext;
        arrived.add(new GroupMessage(
                sender, fromCoordinator, ConecMessage.of(payload).withLostBefore(lost)));
        arrivedBytes += payload.length;
        lostBeforeNext = 0;
    }

    /** Whether {@link #readComplete} may come a moment later, with more messages. */
    protected final boolean mayWait() {
        return receiving.mayWait(arrivedBytes);
    }

    /** What arrived together has been received. */
    protected final void readComplete() {
        if (!arrived.isEmpty()) {
            receiving.addAll(arrived);
            arrived.clear();
            arrivedBytes = 0;
        }
    }

    /** So many messages were dropped before the next one. */
    protected final void countLost(long messages) {
        long before = lostBeforeNext;
        lostBeforeNext = before + messages;
    }

    /** The group has so many members. */
    protected final void counts(int allMembers, int sending, int receivingMembers) {
        members = allMembers;
        senders = sending;
        receivers = receivingMembers;
    }

    /** The membership is over. Any thread; false if it was before. */
    protected final boolean ended(CloseReason reason) {
        if (!over.compareAndSet(false, true)) {
            return false;
        }
        if (reason.code() == ErrorCode.NO_ERROR) {
            receiving.dropAll();
        } else {
            receiving.fail(new ConecException(reason.code(), reason.message()), true);
        }
        dispatcher.execute(() -> closed.complete(reason));
        return true;
    }

    // The application's side.

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final GroupOptions options() {
        return options;
    }

    @Override
    public final Optional<GroupMessage> receive() throws InterruptedException {
        return receiving.receive(null);
    }

    @Override
    public final Optional<GroupMessage> receive(Duration timeout) throws InterruptedException {
        return receiving.receive(timeout);
    }

    @Override
    public final CompletableFuture<Optional<GroupMessage>> receiveAsync() {
        return receiving.receiveAsync();
    }

    @Override
    public final Flow.Publisher<GroupMessage> messages() {
        return receiving.messages(this::close);
    }

    @Override
    public final long lostMessages() {
        return receiving.lost() + lostBeforeNext;
    }

    @Override
    public final int members() {
        return members;
    }

    @Override
    public final int senders() {
        return senders;
    }

    @Override
    public final int receivers() {
        return receivers;
    }

    @Override
    public final CompletableFuture<CloseReason> closed() {
        return closed.copy();
    }

    /**
     * Checks that this party may send at all.
     *
     * @throws IllegalStateException if it joined without sending
     */
    protected final void requireSends() {
        if (!options.sends()) {
            throw new IllegalStateException("joined group \"" + ClientId.escape(name) + "\" without sending");
        }
    }

    @Override
    public final String toString() {
        return "group \"" + ClientId.escape(name) + "\"";
    }
}
