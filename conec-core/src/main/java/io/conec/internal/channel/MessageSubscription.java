package io.conec.internal.channel;

import io.conec.ConecException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Feeds a stream's messages to a {@link Flow.Subscriber} as it asks for them, one signal at a time, on the dispatcher. */
final class MessageSubscription<M> implements Flow.Subscription {
    private final ReceiveQueue<M> queue;
    private final Dispatcher dispatcher;
    private final Flow.Subscriber<? super M> subscriber;
    private final Runnable stopReceiving;
    private final AtomicLong demand = new AtomicLong();
    private final AtomicInteger wakeUps = new AtomicInteger();
    private volatile boolean done;
    private volatile boolean started;
    private volatile @Nullable RuntimeException misuse;

    MessageSubscription(
            ReceiveQueue<M> queue,
            Dispatcher dispatcher,
            Flow.Subscriber<? super M> subscriber,
            Runnable stopReceiving) {
        this.queue = queue;
        this.dispatcher = dispatcher;
        this.subscriber = subscriber;
        this.stopReceiving = stopReceiving;
    }

    /** One that only tells that another reader was there first. */
    static <M> MessageSubscription<M> refused(
            ReceiveQueue<M> queue,
            Dispatcher dispatcher,
            Flow.Subscriber<? super M> subscriber,
            IllegalStateException cause) {
        MessageSubscription<M> refused = new MessageSubscription<>(queue, dispatcher, subscriber, () -> {});
        refused.misuse = cause;
        return refused;
    }

    void start() {
        subscriber.onSubscribe(this);
        started = true;
        wake();
    }

    @Override
    public void request(long n) {
        if (n <= 0) {
            misuse = new IllegalArgumentException("requested " + n + " messages");
        } else {
            demand.getAndUpdate(asked -> asked + n < 0 ? Long.MAX_VALUE : asked + n);
        }
        wake();
    }

    @Override
    public void cancel() {
        if (!done) {
            done = true;
            stopReceiving.run();
        }
    }

    /** Something may have changed: a message, the end, more demand. Any thread. */
    void wake() {
        if (started && wakeUps.getAndIncrement() == 0) {
            dispatcher.execute(this::deliver);
        }
    }

    private void deliver() {
        int seen = wakeUps.get();
        do {
            try {
                signalAll();
            } catch (RuntimeException | Error e) {
                // Reactive Streams, rule 2.13: a subscriber that throws has cancelled.
                cancel();
                Thread thread = Thread.currentThread();
                thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
            }
            seen = wakeUps.addAndGet(-seen);
        } while (seen != 0);
    }

    private void signalAll() {
        while (!done) {
            RuntimeException cause = misuse;
            if (cause != null) {
                cancel();
                subscriber.onError(cause);
                return;
            }
            boolean over = queue.drainedOrFailed();
            if (demand.get() == 0 && !over) {
                return;
            }
            M next;
            try {
                next = queue.poll();
            } catch (ConecException e) {
                done = true;
                subscriber.onError(e);
                return;
            }
            if (next == null) {
                if (over) {
                    done = true;
                    subscriber.onComplete();
                }
                return;
            }
            if (demand.get() != Long.MAX_VALUE) {
                demand.decrementAndGet();
            }
            subscriber.onNext(next);
        }
    }
}
