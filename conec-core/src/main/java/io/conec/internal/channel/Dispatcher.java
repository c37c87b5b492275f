package io.conec.internal.channel;

import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.Registration;
import io.conec.SharingExecutor;
import io.conec.StreamHandler;
import io.conec.StreamOffer;
import io.conec.internal.transport.LoopBorrower;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a party's application code runs: stream handlers, event listeners, continuations of stages. For any thread. */
public final class Dispatcher {
    private record Handling(Predicate<StreamOffer> accepts, StreamHandler handler) {}

    private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

    private final Executor executor;
    private final List<Handling> handlers = new CopyOnWriteArrayList<>();
    private final List<Consumer<ConecEvent>> listeners = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<ConecEvent> events = new ConcurrentLinkedQueue<>();
    private final AtomicInteger undelivered = new AtomicInteger();

    /** With the application's executor; null takes virtual threads, or before Java 21 daemon threads, as many as the tasks need. */
    public Dispatcher(@Nullable Executor executor, String name) {
        this.executor = executor != null ? executor : defaultExecutor(name);
    }

    /** Handles the streams that the predicate picks. */
    public Registration onStream(Predicate<StreamOffer> accepts, StreamHandler handler) {
        Handling handling = new Handling(accepts, handler);
        handlers.add(handling);
        return () -> handlers.remove(handling);
    }

    /** Tells the listener of all events from now on. */
    public Registration onEvent(Consumer<ConecEvent> listener) {
        // A wrapper, so that the same listener can be registered twice and each registration taken back by itself.
        Consumer<ConecEvent> registered = event -> listener.accept(event);
        listeners.add(registered);
        return () -> listeners.remove(registered);
    }

    /** The handler for a stream. A predicate's {@link ConecException} is passed on. */
    Optional<StreamHandler> handlerFor(StreamOffer offer) {
        for (Handling handling : handlers) {
            if (handling.accepts().test(offer)) {
                return Optional.of(handling.handler());
            }
        }
        return Optional.empty();
    }

    /** Runs application code. */
    public void execute(Runnable task) {
        if (LoopBorrower.isCurrent()) {
            // The executor may pass on what belongs to the thread that asks, such as its security context.
            LoopBorrower.handOver(() -> submit(task));
        } else {
            submit(task);
        }
    }

    private void submit(Runnable task) {
        try {
            executor.execute(task);
        } catch (RuntimeException e) {
            // Stages have to complete all the same if the application shut its executor down before us.
            if (!(e instanceof RejectedExecutionException)) {
                log.error("The application's executor failed", e);
            }
            ForkJoinPool.commonPool().execute(task);
        }
    }

    /** Runs application code that comes together, each by itself. */
    void executeAll(List<Runnable> tasks) {
        if (executor instanceof SharingExecutor sharing && !LoopBorrower.isCurrent()) {
            sharing.executeAll(tasks).forEach(ForkJoinPool.commonPool()::execute);
        } else {
            tasks.forEach(this::execute);
        }
    }

    /** Delivers the event to all listeners, after all earlier ones. */
    public void publish(ConecEvent event) {
        log.debug("{}", event);
        if (listeners.isEmpty()) {
            return;
        }
        events.add(event);
        if (undelivered.getAndIncrement() == 0) {
            execute(this::deliverEvents);
        }
    }

    private void deliverEvents() {
        do {
            ConecEvent event = events.poll();
            for (Consumer<ConecEvent> listener : listeners) {
                try {
                    if (event != null) {
                        listener.accept(event);
                    }
                } catch (RuntimeException | Error e) {
                    log.error("A listener failed on {}", event, e);
                }
            }
        } while (undelivered.decrementAndGet() > 0);
    }

    private static Executor defaultExecutor(String name) {
        try {
            ExecutorService virtual = (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
            if (virtual != null) {
                return virtual;
            }
        } catch (NoSuchMethodException | IllegalAccessException e) {
            log.debug("No virtual threads before Java 21: {}", e.toString());
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
        AtomicInteger number = new AtomicInteger();
        ThreadFactory threads = task -> {
            Thread thread = new Thread(task, "conec-" + name + "-handler-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        return new SharingExecutor(Executors.newCachedThreadPool(threads));
    }
}
