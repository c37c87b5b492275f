package io.conec.internal.channel;

import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ErrorCode;
import io.conec.internal.transport.LoopBorrower;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Received messages until the application reads them: of a stream, or of a group. Guarded by its lock, a {@link ReentrantLock} so that waiting pins no virtual thread.
 *
 * @param <M> the messages
 */
public final class ReceiveQueue<M> {
    /** What the queue has to know about its messages. */
    public interface Kind<M> {
        /** The message's bytes. */
        ConecMessage content(M message);

        /** The message, with the number of messages that were dropped before it. */
        M withLostBefore(M message, long lost);
    }

    private static final Kind<ConecMessage> PLAIN = new Kind<>() {
        @Override
        public ConecMessage content(ConecMessage message) {
            return message;
        }

        @Override
        public ConecMessage withLostBefore(ConecMessage message, long lost) {
            return message.withLostBefore(lost);
        }
    };

    /** What a message takes on the heap besides its bytes: itself, its array's header, its place in the queue. Messages may have no byte at all. */
    private static final int MESSAGE_OVERHEAD = 48;

    /** 292 years. */
    private static final long FOR_EVER = Long.MAX_VALUE;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<M> messages = new ArrayDeque<>();
    private final Kind<M> kind;
    private final Dispatcher dispatcher;
    private final LoopBorrower borrower;
    private final BooleanSupplier isReadable = this::isReadable;
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
    private @Nullable AsyncRead waiter;
    private @Nullable MessageSubscription<M> subscription;

    /**
     * An asynchronous read that waits. Whether a message is for it or it was given up is decided under the lock: no message is taken for a future that is cancelled, and
     * a future that a message was taken for can no longer be cancelled.
     */
    private final class AsyncRead extends CompletableFuture<Optional<M>> {
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return giveUp(this) && super.cancel(mayInterruptIfRunning);
        }

        @Override
        public boolean complete(Optional<M> value) {
            return giveUp(this) && super.complete(value);
        }

        @Override
        public boolean completeExceptionally(Throwable cause) {
            return giveUp(this) && super.completeExceptionally(cause);
        }

        /** Completes it with what was taken for it. */
        void taken(@Nullable ConecException cause, Optional<M> message) {
            if (cause != null) {
                super.completeExceptionally(cause);
            } else {
                super.complete(message);
            }
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }
    }

    /**
     * @param borrower of the event loop, which runs it while it waits
     * @param maxBytes holds no more than this and what one read from the network brings, unless told to drop the oldest
     * @param resume called when there is room again after {@link #hasRoom} said no; any thread
     */
    public ReceiveQueue(Kind<M> kind, Dispatcher dispatcher, LoopBorrower borrower, int maxBytes, Runnable resume) {
        this.kind = kind;
        this.dispatcher = dispatcher;
        this.borrower = borrower;
        this.maxBytes = maxBytes;
        this.resume = resume;
    }

    /** Of a stream. */
    static ReceiveQueue<ConecMessage> ofStream(
            Dispatcher dispatcher, LoopBorrower borrower, int maxBytes, Runnable resume) {
        return new ReceiveQueue<>(PLAIN, dispatcher, borrower, maxBytes, resume);
    }

    // What the event loop calls.

    /** A message arrived, behind as many lost ones as it says. */
    public void add(M message) {
        addAll(List.of(message));
    }

    /** Messages arrived. Those of one read come together: taking the lock and waking the reader for each of many small ones costs more than all the rest. */
    public void addAll(List<M> arrived) {
        lock.lock();
        try {
            if (failure != null || ended) {
                return;
            }
            for (M message : arrived) {
                messages.add(message);
                bytes += kind.content(message).size() + MESSAGE_OVERHEAD;
                lost += kind.content(message).lostBefore();
                dropOverflow();
            }
            wakeReader();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether a reader that sleeps may do so a moment longer, as more is about to come: to wake it costs more than a read brings. One that does not sleep is to find what
     * there is.
     *
     * @param arrivedBytes wait to be added
     */
    public boolean mayWait(long arrivedBytes) {
        lock.lock();
        try {
            return reading && messages.isEmpty() && arrivedBytes < maxBytes / 4;
        } finally {
            lock.unlock();
        }
    }

    /** Whether more may be read from the network; if not, {@code resume} follows. */
    public boolean hasRoom() {
        lock.lock();
        try {
            paused = failure == null && !ended && keepNewest == 0 && bytes >= maxBytes;
            return !paused;
        } finally {
            lock.unlock();
        }
    }

    /** The other side has finished: what is here is all. */
    public void end() {
        lock.lock();
        try {
            ended = true;
            wakeReader();
        } finally {
            lock.unlock();
        }
    }

    /** This side wants no more: reads meet the end at once. Any thread. */
    public void dropAll() {
        lock.lock();
        try {
            if (failure == null) {
                clear();
                ended = true;
                wakeReader();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more comes: reads fail with this, after what is here has been read if {@code keep}. */
    public void fail(ConecException cause, boolean keep) {
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

    /** See {@link io.conec.ConecStream#receive(Duration)}; null waits for as long as it takes. */
    public Optional<M> receive(@Nullable Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + (timeout == null ? FOR_EVER : saturatedNanos(timeout));
        lock.lockInterruptibly();
        try {
            beginReading();
            try {
                if (readable()) {
                    borrower.foundMessages();
                }
                awaitReadable(timeout, deadline);
                return take();
            } finally {
                reading = false;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock, which is free meanwhile. */
    private void awaitReadable(@Nullable Duration timeout, long deadline) throws InterruptedException {
        while (!readable()) {
            if (borrower.alternates() && runLoop(deadline)) {
                continue;
            }
            long nanos = deadline - System.nanoTime();
            if (nanos > LoopBorrower.LATE_NANOS) {
                borrower.sleeps();
            }
            if (timeout == null) {
                changed.await();
            } else if (nanos > 0) {
                changed.awaitNanos(nanos);
            } else {
                throw new ConecException(ErrorCode.TIMEOUT, "no message in " + timeout.toMillis() + " ms");
            }
            if (readable()) {
                borrower.got();
            }
        }
    }

    /** Under the lock, which is free meanwhile. Returns false if the reader has to sleep. */
    private boolean runLoop(long deadline) throws InterruptedException {
        boolean borrowed;
        lock.unlock();
        try {
            borrowed = borrower.runUntil(isReadable, deadline);
        } finally {
            lock.lock();
        }
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        return borrowed || readable();
    }

    /** See {@link io.conec.ConecStream#receiveAsync}. */
    public CompletableFuture<Optional<M>> receiveAsync() {
        lock.lock();
        try {
            beginReading();
            if (!readable()) {
                AsyncRead waiting = new AsyncRead();
                waiter = waiting;
                return waiting;
            }
            reading = false;
            try {
                return CompletableFuture.completedFuture(take());
            } catch (ConecException e) {
                return CompletableFuture.failedFuture(e);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * See {@link io.conec.ConecStream#messages}.
     *
     * @param stopReceiving the subscription was cancelled; any thread
     */
    public Flow.Publisher<M> messages(Runnable stopReceiving) {
        return subscriber -> {
            Objects.requireNonNull(subscriber);
            MessageSubscription<M> subscribed = new MessageSubscription<>(this, dispatcher, subscriber, stopReceiving);
            lock.lock();
            try {
                beginReading();
                subscription = subscribed;
            } catch (IllegalStateException e) {
                subscribed = MessageSubscription.refused(this, dispatcher, subscriber, e);
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
    M poll() {
        lock.lock();
        try {
            return readable() ? take().orElse(null) : null;
        } finally {
            lock.unlock();
        }
    }

    /** See {@link io.conec.ConecStream#dropOldest}. */
    public void dropOldest(int capacity) {
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

    /** See {@link io.conec.ConecStream#lostMessages}. */
    public long lost() {
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

    private static long saturatedNanos(Duration timeout) {
        return timeout.compareTo(Duration.ofNanos(FOR_EVER)) < 0 ? timeout.toNanos() : FOR_EVER;
    }

    private void beginReading() {
        if (reading) {
            throw new IllegalStateException("the stream is being read already: one reader at a time");
        }
        reading = true;
    }

    private boolean isReadable() {
        lock.lock();
        try {
            return readable();
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. */
    private boolean readable() {
        return !messages.isEmpty() || ended || failure != null;
    }

    private Optional<M> take() {
        M message = messages.poll();
        if (message == null) {
            if (failure != null) {
                throw failure;
            }
            return Optional.empty();
        }
        ConecMessage content = kind.content(message);
        bytes -= content.size() + MESSAGE_OVERHEAD;
        M told = kind.withLostBefore(message, content.lostBefore() + lostUnreported);
        lostUnreported = 0;
        if (paused && bytes <= maxBytes / 2) {
            paused = false;
            resume.run();
        }
        return Optional.of(told);
    }

    private void dropOverflow() {
        while (keepNewest > 0 && messages.size() > keepNewest) {
            ConecMessage dropped = kind.content(messages.remove());
            bytes -= dropped.size() + MESSAGE_OVERHEAD;
            lost++;
            lostUnreported += 1 + dropped.lostBefore();
        }
    }

    private void clear() {
        messages.clear();
        bytes = 0;
    }

    private void wakeReader() {
        changed.signalAll();
        if (reading) {
            borrower.arrived();
        }
        if (subscription != null) {
            subscription.wake();
        }
        if (waiter != null) {
            dispatcher.execute(this::deliver);
        }
    }

    /** Completes an asynchronous read, outside the lock: the future's continuations run, which may read again. */
    private void deliver() {
        AsyncRead waiting;
        Optional<M> message = Optional.empty();
        ConecException cause = null;
        lock.lock();
        try {
            waiting = waiter;
            if (waiting == null || !readable()) {
                return;
            }
            waiter = null;
            reading = false;
            try {
                message = take();
            } catch (ConecException e) {
                cause = e;
            }
        } finally {
            lock.unlock();
        }
        waiting.taken(cause, message);
    }

    /** Whether the read was still waiting; its place is free. */
    private boolean giveUp(AsyncRead given) {
        lock.lock();
        try {
            if (waiter != given) {
                return false;
            }
            waiter = null;
            reading = false;
            return true;
        } finally {
            lock.unlock();
        }
    }
}
