package io.conec.benchmarks.process;

import io.conec.benchmarks.system.Connector;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code connect PREFIX COUNT PARALLEL}: so many connections, kept; {@code cycle PREFIX PARALLEL MILLIS}: connects and closes for so long, so many at a time;
 * {@code disconnect}: closes what was kept.
 */
final class ConnectorCommands implements Commands {
    private static final long PATIENCE_S = 30;

    private final Connector connector;
    private final Queue<AutoCloseable> kept = new ConcurrentLinkedQueue<>();

    ConnectorCommands(Connector connector) {
        this.connector = connector;
    }

    @Override
    public Fields handle(List<String> words) throws Exception {
        return switch (words.get(0)) {
            case "connect" -> connect(words.get(1), Integer.parseInt(words.get(2)), Integer.parseInt(words.get(3)));
            case "cycle" -> cycle(words.get(1), Integer.parseInt(words.get(2)), Long.parseLong(words.get(3)));
            case "disconnect" -> {
                for (AutoCloseable each = kept.poll(); each != null; each = kept.poll()) {
                    each.close();
                }
                yield NOTHING;
            }
            default -> throw new IllegalArgumentException(words.toString());
        };
    }

    /** Something that is done over and over, on a thread of its own. */
    @FunctionalInterface
    private interface Step {
        /** Whether there is more to do. */
        boolean run() throws Exception;
    }

    private Fields connect(String prefix, int count, int parallel) throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        AtomicLong errors = new AtomicLong();
        long started = System.nanoTime();
        inParallel(parallel, errors, slot -> () -> {
            int number = next.getAndIncrement();
            if (number >= count) {
                return false;
            }
            kept.add(connected(prefix + number));
            return true;
        });
        return Fields.of("count", kept.size(), "nanos", System.nanoTime() - started, "errors", errors.get());
    }

    private Fields cycle(String prefix, int parallel, long millis) throws InterruptedException {
        AtomicLong count = new AtomicLong();
        AtomicLong errors = new AtomicLong();
        for (int i = 0; i < parallel; i++) {
            connector.prepare(prefix + i);
        }
        long started = System.nanoTime();
        long end = started + TimeUnit.MILLISECONDS.toNanos(millis);
        inParallel(parallel, errors, slot -> () -> {
            connected(prefix + slot).close();
            count.incrementAndGet();
            return System.nanoTime() < end;
        });
        return Fields.of("count", count.get(), "nanos", System.nanoTime() - started, "errors", errors.get());
    }

    private AutoCloseable connected(String name) throws Exception {
        return connector.connect(name).toCompletableFuture().get(PATIENCE_S, TimeUnit.SECONDS);
    }

    /** What a slot does. */
    @FunctionalInterface
    private interface Slot {
        Step step(int number);
    }

    private static void inParallel(int parallel, AtomicLong errors, Slot slot) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(parallel);
        CountDownLatch done = new CountDownLatch(parallel);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < parallel; i++) {
            steps.add(slot.step(i));
        }
        steps.forEach(step -> threads.execute(() -> {
            repeat(step, errors);
            done.countDown();
        }));
        done.await();
        threads.shutdownNow();
    }

    private static void repeat(Step step, AtomicLong errors) {
        boolean more = true;
        while (more) {
            try {
                more = step.run();
            } catch (Exception e) {
                // A system that refuses everything must not be asked for ever.
                more = errors.incrementAndGet() < 100;
                System.err.println("not connected: " + e);
            }
        }
    }
}
