package io.conec.benchmarks.process;

import io.conec.benchmarks.system.MessageStream;
import io.conec.benchmarks.system.Sender;
import io.conec.benchmarks.system.ServiceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends messages at fixed times, whether or not earlier ones have come back, on one stream or on several in turn. What counts is the time from when a message was to be sent, so
 * that a system that is late does not hide it.
 */
final class OpenLoop {
    /** How long the last messages may take to come back. */
    private static final long PATIENCE_MS = 20_000;

    /** Waiting for less than this is done busily: a sleeping thread wakes up some 60 microseconds late. */
    private static final long SPIN_NANOS = 100_000;

    private final Payload payload;
    private final Latencies latencies = new Latencies();
    private final AtomicLong returned = new AtomicLong();
    private final AtomicLong damaged = new AtomicLong();

    private OpenLoop(int size) {
        payload = new Payload(size);
    }

    static Fields run(Sender sender, int streams, int size, double perSecond, long millis) throws Exception {
        OpenLoop loop = new OpenLoop(size);
        List<MessageStream> opened = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            MessageStream stream = sender.open(loop::take);
            stream.send(ServiceKind.ECHO.bytes());
            opened.add(stream);
        }
        return loop.send(opened, perSecond, millis);
    }

    private Fields send(List<MessageStream> streams, double perSecond, long millis) throws InterruptedException {
        long count = Math.max(1, (long) (perSecond * millis / 1e3));
        double interval = 1e9 / perSecond;
        long started = System.nanoTime();
        for (long i = 0; i < count; i++) {
            long scheduled = started + (long) (i * interval);
            await(scheduled);
            streams.get((int) (i % streams.size())).send(payload.message(scheduled));
        }
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
        while (returned.get() < count && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        Fields report = latencies.report();
        report.values().put("sent", Long.toString(count));
        report.values().put("errors", Long.toString(count - returned.get() + damaged.get()));
        return report;
    }

    private static void await(long time) {
        for (long left = time - System.nanoTime(); left > 0; left = time - System.nanoTime()) {
            if (left > SPIN_NANOS) {
                LockSupport.parkNanos(left - SPIN_NANOS);
            } else {
                Thread.onSpinWait();
            }
        }
    }

    private void take(byte[] message) {
        if (payload.isIntact(message)) {
            latencies.add(System.nanoTime() - Payload.first(message));
        } else {
            damaged.incrementAndGet();
        }
        returned.incrementAndGet();
    }
}
