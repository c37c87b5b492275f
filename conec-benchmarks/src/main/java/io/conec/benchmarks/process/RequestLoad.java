package io.conec.benchmarks.process;

import io.conec.benchmarks.system.Sender;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Sends requests from one thread, so many at a time. */
final class RequestLoad {
    private final Payload payload;
    private final Latencies latencies = new Latencies();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong errors = new AtomicLong();

    private RequestLoad(int size) {
        payload = new Payload(size);
    }

    static Fields run(Sender sender, int size, int inFlight, long millis) throws InterruptedException {
        return new RequestLoad(size).run(sender, inFlight, millis);
    }

    private Fields run(Sender sender, int inFlight, long millis) throws InterruptedException {
        Semaphore free = new Semaphore(inFlight);
        long started = System.nanoTime();
        long end = started + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() < end) {
            if (!free.tryAcquire(1, TimeUnit.SECONDS)) {
                continue;
            }
            sender.request(payload.message(System.nanoTime())).whenComplete((answer, failure) -> {
                account(answer, failure);
                free.release();
            });
        }
        long nanos = System.nanoTime() - started;
        long count = answered.get();
        // Late answers are none of the next measurement's business.
        free.tryAcquire(inFlight, 5, TimeUnit.SECONDS);
        Fields report = latencies.report();
        report.values().put("count", Long.toString(count));
        report.values().put("nanos", Long.toString(nanos));
        report.values().put("errors", Long.toString(errors.get()));
        return report;
    }

    private void account(byte[] answer, Throwable failure) {
        if (failure != null || !payload.isIntact(answer)) {
            if (errors.incrementAndGet() == 1) {
                System.err.println("request failed: " + failure);
            }
            return;
        }
        latencies.add(System.nanoTime() - Payload.first(answer));
        answered.incrementAndGet();
    }
}
