package io.conec.natlab.process;

import io.conec.ConecStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sends numbered messages on a stream until it is told to stop or has sent enough, and keeps account of what became of each. Owned by its thread; what
 * others ask for is atomic or volatile.
 */
final class TrafficSender implements Runnable {
    /** How long after the end of the stream the last stages may take; what is pending then is forgotten. */
    private static final long STAGES_PATIENCE_MS = 10_000;

    private final ConecStream stream;
    private final TrafficMessages messages;
    private final long bytesPerSecond;
    private final long maxBytes;
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicLong sent = new AtomicLong();
    private volatile boolean stopping;
    private volatile boolean finished;
    private volatile @Nullable Throwable failure;

    /**
     * @param bytesPerSecond how fast; 0 for as fast as it goes
     * @param maxBytes when to stop by itself; 0 for never
     */
    TrafficSender(ConecStream stream, long seed, long bytesPerSecond, long maxBytes) {
        this.stream = stream;
        this.messages = new TrafficMessages(seed);
        this.bytesPerSecond = bytesPerSecond;
        this.maxBytes = maxBytes;
    }

    @Override
    public void run() {
        long started = System.nanoTime();
        long bytes = 0;
        boolean last = false;
        for (long number = 0; !last && failed.get() == 0; number++) {
            last = stopping || (maxBytes > 0 && bytes >= maxBytes);
            byte[] message = messages.message(number, last);
            bytes += message.length;
            send(message);
            if (bytesPerSecond > 0 && !last) {
                long ahead = bytes * TimeUnit.SECONDS.toNanos(1) / bytesPerSecond - (System.nanoTime() - started);
                LockSupport.parkNanos(ahead);
            }
        }
        try {
            stream.finish().join();
        } catch (RuntimeException e) {
            fail(e);
        }
        // The stages complete on other threads, in no certain order.
        for (long i = 0; pending() > 0 && i < STAGES_PATIENCE_MS; i++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
        finished = true;
    }

    private void send(byte[] message) {
        sent.incrementAndGet();
        stream.send(message).whenComplete((nothing, e) -> {
            if (e == null) {
                taken.incrementAndGet();
            } else {
                failed.incrementAndGet();
                fail(e);
            }
        });
    }

    private void fail(Throwable e) {
        if (failure == null) {
            failure = e;
        }
    }

    void stop() {
        stopping = true;
    }

    boolean isFinished() {
        return finished;
    }

    /** Messages that {@code send} was called for. */
    long sent() {
        return sent.get();
    }

    /** Messages of whose fate nothing was said yet. */
    long pending() {
        return sent.get() - taken.get() - failed.get();
    }

    /** Messages whose stage says that they are not delivered. */
    long failed() {
        return failed.get();
    }

    /** Why the first one was not. */
    @Nullable
    Throwable failure() {
        return failure;
    }
}
