package io.conec.spring.listener;

import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Reads one message after the other, as long as they are wanted. Holds no thread while it waits for one, and does not nest calls while they are there.
 *
 * @param <T> what is read
 */
final class ReadLoop<T> {
    private final Supplier<CompletableFuture<Optional<T>>> source;
    private final Predicate<Optional<T>> received;
    private final Consumer<Throwable> ended;

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
            CompletableFuture<Optional<T>> next = source.get();
            if (!next.isDone()) {
                next.whenComplete((message, failure) -> {
                    if (failure != null) {
                        ended.accept(failure);
                    } else if (received.test(message)) {
                        run();
                    }
                });
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
}
