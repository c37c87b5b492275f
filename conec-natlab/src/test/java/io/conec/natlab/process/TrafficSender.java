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
    private final ConecStream stream;
    private final TrafficMessages messages;
    private final long bytesPerSecond;
    private final long maxBytes;
    private final AtomicLong taken = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private volatile long sent;
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
        finished = true;
    }

    private void send(byte[] message) {
        sent++;
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
        return sent;
    }

    /** Messages of whose fate nothing was said yet. */
    long pending() {
        return sent - taken.get() - failed.get();
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
