package io.conec.internal.channel;

import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ErrorCode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A stream's received messages until the application reads them. Guarded by its lock, a {@link ReentrantLock} so that waiting pins no virtual thread. */
final class ReceiveQueue {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<ConecMessage> messages = new ArrayDeque<>();
    private final Dispatcher dispatcher;
    private final int maxBytes;
    private final Runnable resume;

    private long bytes;
    private int keepNewest;
    private long lost;
    private long lostUnreported;
    private boolean paused;
    private boolean ended;
    private @Nullable ConecException failure;
    private boolean reading;
    private @Nullable CompletableFuture<Optional<ConecMessage>> waiter;
    private @Nullable MessageSubscription subscription;

    /**
     * @param maxBytes holds no more than this and one message, unless told to drop the oldest
     * @param resume called when there is room again after {@link #hasRoom} said no; any thread
     */
    ReceiveQueue(Dispatcher dispatcher, int maxBytes, Runnable resume) {
        this.dispatcher = dispatcher;
        this.maxBytes = maxBytes;
        this.resume = resume;
    }

    // What the event loop calls.

    void add(byte[] payload) {
        lock.lock();
        try {
            if (failure != null) {
                return;
            }
            messages.add(ConecMessage.of(payload));
            bytes += payload.length;
            dropOverflow();
            wakeReader();
        } finally {
            lock.unlock();
        }
    }

    /** Whether more may be read from the network; if not, {@code resume} follows. */
    boolean hasRoom() {
        lock.lock();
        try {
            paused = failure == null && keepNewest == 0 && bytes >= maxBytes;
            return !paused;
        } finally {
            lock.unlock();
        }
    }

    /** The other side has finished: what is here is all. */
    void end() {
        lock.lock();
        try {
            ended = true;
            wakeReader();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more comes: reads fail with this, after what is here has been read if {@code keep}. */
    void fail(ConecException cause, boolean keep) {
        lock.lock();
        try {
            if (failure != null || ended) {
                if (!keep && ended && failure == null) {
                    failure = cause;
                    clear();
                }
                return;
            }
            failure = cause;
            if (!keep) {
                clear();
            }
            wakeReader();
        } finally {
            lock.unlock();
        }
    }

    // What the application calls.

    Optional<ConecMessage> receive(@Nullable Duration timeout) throws InterruptedException {
        long nanos = timeout == null ? 0 : timeout.toNanos();
        lock.lockInterruptibly();
        try {
            beginReading();
            try {
                while (!readable()) {
                    if (timeout == null) {
                        changed.await();
                    } else if (nanos <= 0) {
                        throw new ConecException(ErrorCode.TIMEOUT, "no message in " + timeout.toMillis() + " ms");
                    } else {
                        nanos = changed.awaitNanos(nanos);
                    }
                }
                return take();
            } finally {
                reading = false;
            }
        } finally {
            lock.unlock();
        }
    }

    CompletableFuture<Optional<ConecMessage>> receiveAsync() {
        lock.lock();
        try {
            beginReading();
            CompletableFuture<Optional<ConecMessage>> result = new CompletableFuture<>();
            if (!readable()) {
                waiter = result;
                return result;
            }
            reading = false;
            try {
                result.complete(take());
            } catch (ConecException e) {
                result.completeExceptionally(e);
            }
            return result;
        } finally {
            lock.unlock();
        }
    }

    Flow.Publisher<ConecMessage> messages(Runnable stopReceiving) {
        return subscriber -> {
            MessageSubscription subscribed = new MessageSubscription(this, dispatcher, subscriber, stopReceiving);
            lock.lock();
            try {
                beginReading();
                subscription = subscribed;
            } finally {
                lock.unlock();
            }
            subscribed.start();
        };
    }

    /**
     * For the subscription: the next message; null when none has come yet or the end is reached, which {@link #drainedOrFailed} tells. Fails as {@link #receive}.
     */
    @Nullable
    ConecMessage poll() {
        lock.lock();
        try {
            return readable() ? take().orElse(null) : null;
        } finally {
            lock.unlock();
        }
    }

    void dropOldest(int capacity) {
        boolean resumes;
        lock.lock();
        try {
            keepNewest = capacity;
            dropOverflow();
            resumes = paused;
            paused = false;
        } finally {
            lock.unlock();
        }
        if (resumes) {
            resume.run();
        }
    }

    long lost() {
        lock.lock();
        try {
            return lost;
        } finally {
            lock.unlock();
        }
    }

    /** Whether all messages were read and no more come, for whatever reason. */
    boolean drainedOrFailed() {
        lock.lock();
        try {
            return messages.isEmpty() && (ended || failure != null);
        } finally {
            lock.unlock();
        }
    }

    /** Whether the application has read the end. */
    boolean drained() {
        lock.lock();
        try {
            return ended && messages.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void beginReading() {
        CompletableFuture<Optional<ConecMessage>> earlier = waiter;
        if (earlier != null && earlier.isDone()) {
            waiter = null;
            reading = false;
        }
        if (reading) {
            throw new IllegalStateException("the stream is being read already: one reader at a time");
        }
        reading = true;
    }

    private boolean readable() {
        return !messages.isEmpty() || ended || failure != null;
    }

    private Optional<ConecMessage> take() {
        ConecMessage message = messages.poll();
        if (message == null) {
            if (failure != null) {
                throw failure;
            }
            return Optional.empty();
        }
        bytes -= message.size();
        ConecMessage told = message.withLostBefore(lostUnreported);
        lostUnreported = 0;
        if (paused && bytes <= maxBytes / 2) {
            paused = false;
            resume.run();
        }
        return Optional.of(told);
    }

    private void dropOverflow() {
        while (keepNewest > 0 && messages.size() > keepNewest) {
            bytes -= messages.remove().size();
            lost++;
            lostUnreported++;
        }
    }

    private void clear() {
        messages.clear();
        bytes = 0;
    }

    private void wakeReader() {
        changed.signalAll();
        if (subscription != null) {
            subscription.wake();
        }
        if (waiter != null) {
            dispatcher.execute(this::deliver);
        }
    }

    /** Completes an asynchronous read. The place stays taken until it is certain that the future was not cancelled, or a later read could overtake. */
    private void deliver() {
        CompletableFuture<Optional<ConecMessage>> waiting;
        Optional<ConecMessage> message = Optional.empty();
        ConecException cause = null;
        lock.lock();
        try {
            waiting = waiter;
            if (waiting == null || !readable()) {
                return;
            }
            waiter = null;
            if (waiting.isDone()) {
                reading = false;
                return;
            }
            try {
                message = take();
            } catch (ConecException e) {
                cause = e;
            }
            // Outside the lock the future's continuations run, which may read again; so the place is given up first,
            // and taken back below if the future turns out cancelled.
            reading = false;
        } finally {
            lock.unlock();
        }
        boolean taken = cause != null ? waiting.completeExceptionally(cause) : waiting.complete(message);
        if (!taken && message.isPresent()) {
            putBack(message.get());
        }
    }

    private void putBack(ConecMessage message) {
        lock.lock();
        try {
            messages.addFirst(message);
            bytes += message.size();
            wakeReader();
        } finally {
            lock.unlock();
        }
    }
}
