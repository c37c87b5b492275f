package io.conec.spring.boot.autoconfigure;

import java.util.concurrent.Executor;

/**
 * The threads that application code runs on: listener methods, events, what follows on stages. Not an {@link Executor} bean: with one of those, Boot would make no task executor for the application.
 *
 * @param executor one whose threads may block
 * @param onClose frees it
 */
public record ConecThreads(Executor executor, Runnable onClose) implements AutoCloseable {
    @Override
    public void close() {
        onClose.run();
    }
}
