package io.conec.spring.listener;

import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads one message after the other, as long as they are wanted. Holds no thread while it waits for one, and does not nest calls while they are there.
 *
 * @param <T> what is read
 */
final class ReadLoop<T> {
    private final Supplier<CompletableFuture<Optional<T>>> source;
    private final Predicate<Optional<T>> received;
    private final Consumer<Throwable> ended;
    private volatile @Nullable Future<?> waiting;
    private volatile boolean stopped;

    /**
     * A loop that does not run yet.
     *
     * @param received takes what was read, empty at the end; tells whether to read on, at once and on this thread. Otherwise {@link #run} goes on
     * @param ended is told why nothing can be read any more
     */
    ReadLoop(
            Supplier<CompletableFuture<Optional<T>>> source,
            Predicate<Optional<T>> received,
            Consumer<Throwable> ended) {
        this.source = source;
        this.received = received;
        this.ended = ended;
    }

    void run() {
        boolean goesOn = true;
        while (goesOn) {
            CompletableFuture<Optional<T>> next;
            try {
                next = source.get();
            } catch (IllegalStateException e) {
                // Somebody else reads.
                ended.accept(e);
                return;
            }
            if (!next.isDone()) {
                await(next);
                return;
            }
            try {
                goesOn = received.test(next.join());
            } catch (CompletionException | CancellationException e) {
                ended.accept(e);
                return;
            }
        }
    }

    private void await(CompletableFuture<Optional<T>> next) {
        waiting = next;
        next.whenComplete((message, failure) -> {
            if (failure != null) {
                ended.accept(failure);
            } else if (received.test(message)) {
                run();
            }
        });
        if (stopped) {
            // Before it was waited for: see stop().
            next.cancel(false);
        }
    }

    /** From now on reads only what is there, and waits for no more: where it would, and if it does now, it ends with a {@link CancellationException}. Any thread. */
    void stop() {
        stopped = true;
        Future<?> current = waiting;
        if (current != null) {
            current.cancel(false);
        }
    }
}
