package io.conec.coordinator;

import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import io.conec.TransportConfig;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.channel.Membership;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The coordinator's own membership. The {@link Member.Outlet} is the event loop's, all else for any thread. */
final class LocalMember extends Membership implements Member.Outlet {
    private final Groups groups;
    private final Group group;
    private final Member member;
    private final String coordinator;
    private final TransportConfig transport;

    /** A {@link ReentrantLock}, so that waiting pins no virtual thread. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition room = lock.newCondition();
    /** In the order in which they are passed on. */
    private final ArrayDeque<CompletableFuture<Void>> sends = new ArrayDeque<>();

    private long sendingBytes;
    private @Nullable ConecException over;

    /** @param coordinator the coordinator's name, as the sender of its messages */
    LocalMember(
            Groups groups,
            Group group,
            GroupOptions options,
            String coordinator,
            Dispatcher dispatcher,
            TransportConfig transport) {
        super(group.name(), options, dispatcher, transport.receiveBufferBytes());
        this.groups = groups;
        this.group = group;
        this.coordinator = coordinator;
        this.transport = transport;
        this.member = new Member(null, options, Integer.MAX_VALUE, groups.newQueue(group, options), this);
        onRoom(() -> groups.later(() -> groups.drain(group, member)));
    }

    Group group() {
        return group;
    }

    Member member() {
        return member;
    }

    // The application's side.

    @Override
    public boolean isJoined() {
        lock.lock();
        try {
            return over == null;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CompletableFuture<Void> send(ConecMessage message) {
        requireSends();
        int size = message.size();
        if (size > transport.maxMessageBytes()) {
            return CompletableFuture.failedFuture(new ConecException(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "a message of " + size + " bytes is over the limit of " + transport.maxMessageBytes() + " bytes"));
        }
        CompletableFuture<Void> send = new CompletableFuture<>();
        lock.lock();
        try {
            ConecException refusal = awaitRoom(size);
            if (refusal != null) {
                return CompletableFuture.failedFuture(refusal);
            }
            sends.add(send);
            sendingBytes += size;
            // Under the lock, so that messages are passed on in the order of the calls. A copy, as members may be given
            // it
            // long after the sender may write to it again.
            byte[] payload = message.bytes().clone();
            groups.later(() -> groups.publish(group, member, payload, () -> passedOn(size)));
        } finally {
            lock.unlock();
        }
        return send;
    }

    @Override
    public void close() {
        over(new CloseReason(ErrorCode.NO_ERROR, "", false));
        // Behind what was sent before.
        groups.later(() -> groups.leaveWhenSent(this));
    }

    // The group's side, on the event loop.

    @Override
    public boolean isReady() {
        return hasRoom();
    }

    @Override
    public void deliver(Broadcast message) {
        ClientId sender = message.sender();
        // A copy, as the application may write to its array and other members are still to be given this one.
        byte[] payload = message.payload().clone();
        received(sender == null ? coordinator : sender.value(), sender == null, payload);
        readComplete();
    }

    @Override
    public void lost(long messages) {
        countLost(messages);
    }

    @Override
    public void state(int members, int senders, int receivers) {
        counts(members, senders, receivers);
    }

    @Override
    public void sentAll() {
        if (!isJoined()) {
            groups.left(this);
        }
    }

    @Override
    public void end(ErrorCode code, String message) {
        groups.left(this);
        CloseReason reason = new CloseReason(code, message, false);
        over(reason);
        failSends(reason.toException());
    }

    /** Nothing more is sent or received from now on; what was sent is still passed on. */
    private void over(CloseReason reason) {
        lock.lock();
        try {
            if (over == null) {
                over = reason.code() == ErrorCode.NO_ERROR
                        ? new ConecException(ErrorCode.STREAM_CLOSED, "this side has left the group")
                        : new ConecException(reason.code(), reason.message());
                room.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (ended(reason)) {
            groups.over(this, reason);
        }
    }

    private void failSends(ConecException cause) {
        List<CompletableFuture<Void>> failed;
        lock.lock();
        try {
            failed = List.copyOf(sends);
            sends.clear();
        } finally {
            lock.unlock();
        }
        dispatcher().execute(() -> failed.forEach(send -> send.completeExceptionally(cause)));
    }

    private void passedOn(int size) {
        CompletableFuture<Void> send;
        lock.lock();
        try {
            send = sends.remove();
            sendingBytes -= size;
            room.signalAll();
        } finally {
            lock.unlock();
        }
        dispatcher().execute(() -> send.complete(null));
    }

    /** Waits until the message may be sent, under the lock; returns why it never may. */
    private @Nullable ConecException awaitRoom(int size) {
        while (over == null) {
            if (sendingBytes == 0 || sendingBytes + size <= transport.sendBufferBytes()) {
                return null;
            }
            try {
                room.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new ConecException(
                        ErrorCode.CANCELLED, "interrupted while the send buffer was full; not sent", e);
            }
        }
        return over;
    }
}
