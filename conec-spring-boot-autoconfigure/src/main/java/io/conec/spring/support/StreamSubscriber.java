package io.conec.spring.support;

import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/**
 * Sends what a publisher emits over a stream, and asks for more as QUIC takes it: a receiver that does not read stops the publisher. Does not finish the stream. Needs Reactive Streams.
 *
 * <p>Guarded by its lock; the publisher and the stream are called without it.
 *
 * @param <T> what is emitted
 */
public final class StreamSubscriber<T> implements Subscriber<T> {
    /**
     * How many bytes may be on their way to QUIC before the publisher is asked for more: enough for several of the batches that are handed to QUIC, and few enough
     * that {@link ConecStream#send} does not wait for room.
     */
    private static final int WINDOW_BYTES = 256 * 1024;

    private final ConecStream stream;
    private final Function<? super T, ConecMessage> write;
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Subscription subscription;
    private long bytesUnderWay;
    private boolean waiting;
    private boolean complete;

    /**
     * A subscriber for one publisher.
     *
     * @param write makes a message; what it throws ends the subscription
     */
    public StreamSubscriber(ConecStream stream, Function<? super T, ConecMessage> write) {
        this.stream = stream;
        this.write = write;
        stream.closed().thenAccept(code -> fail(new ConecException(code, "the stream has been closed")));
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
            bytesUnderWay += message.size();
            more = bytesUnderWay < WINDOW_BYTES;
            waiting = !more;
        } finally {
            lock.unlock();
        }
        stream.send(message).whenComplete((nothing, failure) -> {
            if (failure == null) {
                taken(message.size());
            } else {
                fail(failure);
            }
        });
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
        taken(0);
    }

    private void taken(int bytes) {
        boolean ask;
        boolean all;
        lock.lock();
        try {
            bytesUnderWay -= bytes;
            ask = waiting && bytesUnderWay < WINDOW_BYTES;
            waiting = waiting && !ask;
            all = complete && bytesUnderWay == 0;
        } finally {
            lock.unlock();
        }
        if (all) {
            done.complete(null);
        } else if (ask) {
            request();
        }
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

    private void fail(Throwable failure) {
        done.completeExceptionally(failure);
    }
}
