package io.conec.benchmarks.process;

import io.conec.benchmarks.system.MessageStream;
import io.conec.benchmarks.system.Sender;
import io.conec.benchmarks.system.ServiceKind;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Sends a message, waits for it to come back, and sends the next one from where that was told. */
final class ClosedLoop {
    private final Payload payload;
    private final Latencies latencies = new Latencies();
    private final CompletableFuture<Void> done = new CompletableFuture<>();
    private final CompletableFuture<MessageStream> opened = new CompletableFuture<>();
    private final long end;

    private ClosedLoop(int size, long millis) {
        payload = new Payload(size);
        end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    static Fields run(Sender sender, int size, long millis) throws Exception {
        ClosedLoop loop = new ClosedLoop(size, millis);
        MessageStream stream = sender.open(loop::returned);
        loop.opened.complete(stream);
        stream.send(ServiceKind.ECHO.bytes());
        long started = System.nanoTime();
        stream.send(loop.payload.message(started));
        loop.done.get(millis + 10_000, TimeUnit.MILLISECONDS);
        Fields report = loop.latencies.report();
        report.values().put("nanos", Long.toString(System.nanoTime() - started));
        return report;
    }

    private void returned(byte[] message) {
        long now = System.nanoTime();
        if (!payload.isIntact(message)) {
            done.completeExceptionally(new IllegalStateException("a damaged message"));
            return;
        }
        latencies.add(now - Payload.first(message));
        if (now > end) {
            done.complete(null);
            return;
        }
        try {
            opened.join().send(payload.message(System.nanoTime()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            done.completeExceptionally(e);
        }
    }
}
