package io.conec.spring.support;

import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * Sends what a publisher emits over a stream, and asks for more as QUIC takes it: a receiver that does not read stops the publisher. Never blocks, as long as nobody else sends on the stream. Does not
 * finish the stream. Needs Reactive Streams.
 *
 * <p>Guarded by its lock; the publisher and the stream are called without it.
 *
 * @param <T> what is emitted
 */
public final class StreamSubscriber<T> implements Subscriber<T> {
    /** How many bytes may be on their way to QUIC before the publisher is asked for more: enough for several of the batches that are handed to QUIC at once. */
    private static final int WINDOW_BYTES = 256 * 1024;

    /** What a message takes in the send buffer besides its payload, and more: see PROTOCOL.md, section 4. */
    private static final int FRAME_BYTES = 8;

    private final ConecStream stream;
    private final int bufferBytes;
    private final Function<? super T, ConecMessage> write;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Subscription subscription;
    private long bytesUnderWay;
    /** One that was emitted and does not fit into the send buffer yet. */
    private @Nullable ConecMessage held;

    private boolean waiting;
    private boolean complete;
    private volatile boolean refused;

    /**
     * A subscriber for one publisher.
     *
     * @param bufferBytes the stream's send buffer: see {@link SendBuffer#bytes}
     * @param write makes a message; what it throws ends the subscription
     */
    public StreamSubscriber(ConecStream stream, int bufferBytes, Function<? super T, ConecMessage> write) {
        this.stream = stream;
        this.bufferBytes = bufferBytes;
        this.write = write;
        stream.closed().thenAccept(code -> refuse(new ConecException(code, "the stream has been closed")));
        done.whenComplete((nothing, failure) -> {
            if (failure != null) {
                cancelSubscription();
            }
        });
    }

    /**
     * Completes when the publisher has and QUIC has taken all of it; exceptionally with the publisher's failure, the writer's, or why the stream takes no more. Cancelling it cancels the subscription.
     */
    public CompletableFuture<Void> done() {
        return done;
    }

    /** Whether it ended because the stream takes no more: the other side reset it, or has no use for what is sent. */
    public boolean refused() {
        return refused;
    }

    @Override
    public void onSubscribe(Subscription newSubscription) {
        lock.lock();
        try {
            subscription = newSubscription;
        } finally {
            lock.unlock();
        }
        if (done.isDone()) {
            newSubscription.cancel();
        } else {
            newSubscription.request(1);
        }
    }

    @Override
    public void onNext(T item) {
        if (done.isDone()) {
            return;
        }
        ConecMessage message;
        try {
            message = write.apply(item);
        } catch (RuntimeException e) {
            fail(e);
            return;
        }
        boolean more;
        lock.lock();
        try {
            int bytes = bytes(message);
            if (bytesUnderWay > 0 && bytesUnderWay + bytes > bufferBytes) {
                held = message;
                return;
            }
            bytesUnderWay += bytes;
            more = bytesUnderWay < WINDOW_BYTES;
            waiting = !more;
        } finally {
            lock.unlock();
        }
        send(message);
        if (more) {
            request();
        }
    }

    @Override
    public void onError(Throwable failure) {
        fail(failure);
    }

    @Override
    public void onComplete() {
        lock.lock();
        try {
            complete = true;
        } finally {
            lock.unlock();
        }
        goOn();
    }

    private void send(ConecMessage message) {
        stream.send(message).whenComplete((nothing, failure) -> {
            if (failure == null) {
                taken(message);
            } else if (failure instanceof ConecException own && own.code() == ErrorCode.MESSAGE_TOO_LARGE) {
                fail(failure);
            } else {
                refuse(failure);
            }
        });
    }

    private void taken(ConecMessage message) {
        lock.lock();
        try {
            bytesUnderWay -= bytes(message);
        } finally {
            lock.unlock();
        }
        goOn();
    }

    /** Something has changed: what was held may fit, there may be room for more, or it may be over. */
    private void goOn() {
        ConecMessage next = null;
        boolean ask;
        boolean over;
        lock.lock();
        try {
            if (held != null && (bytesUnderWay == 0 || bytesUnderWay + bytes(held) <= bufferBytes)) {
                next = held;
                held = null;
                bytesUnderWay += bytes(next);
                waiting = true;
            }
            ask = waiting && bytesUnderWay < WINDOW_BYTES;
            waiting = waiting && !ask;
            over = complete && bytesUnderWay == 0 && held == null;
        } finally {
            lock.unlock();
        }
        if (next != null) {
            send(next);
        }
        if (over) {
            done.complete(null);
        } else if (ask) {
            request();
        }
    }

    private static int bytes(ConecMessage message) {
        return message.size() + FRAME_BYTES;
    }

    private void request() {
        Subscription current = current();
        if (current != null && !done.isDone()) {
            current.request(1);
        }
    }

    private void cancelSubscription() {
        Subscription current = current();
        if (current != null) {
            current.cancel();
        }
    }

    private @Nullable Subscription current() {
        lock.lock();
        try {
            return subscription;
        } finally {
            lock.unlock();
        }
    }

    private void refuse(Throwable failure) {
        refused = true;
        fail(failure);
    }

    private void fail(Throwable failure) {
        done.completeExceptionally(failure);
    }
}
