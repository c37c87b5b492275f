package io.conec;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Runs short tasks one after the other on a few of a thread pool's threads, the sharers, as many as there are processors: to wake a thread for each costs more than most of them do. What a client or coordinator runs its handlers
 * on by itself where there are no virtual threads, and {@code conec-spring-boot-autoconfigure} with it; for those who give {@link io.conec.client.ClientConfig#executor} a pool of their own.
 *
 * <p>Tasks may block and take long, which holds up others for a few milliseconds:
 *
 * <ul>
 *   <li>A sharer is dismissed, ends after its task, and another takes over, when it has waited in one task for 2 ms, or in the kernel, for a socket for example, for 4 ms, or has run in it for 20 ms. Only Linux tells the last two
 *       apart; elsewhere it is 4 ms.
 *   <li>What waits gets threads of its own, and so does what comes in the next second, when no sharer is left, or when for 6 ms half of them were found waiting and they took fewer than ten tasks each in 2 ms.
 * </ul>
 *
 * <p>Safe for several threads. It has nothing to close: its pool's owner closes that. A task that throws ends its thread's turn, and the pool sees the exception.
 */
public final class SharingExecutor implements Executor {
    private static final long LOOK_AFTER_MILLIS = 2;

    /** So many looks may find a sharer that runs in the same task: it may be waiting for a processor. */
    private static final int LOOKS_WHILE_RUNNING = 10;

    /** What one counts that finds it waiting in the kernel, which may be a pause of the JVM. */
    private static final int LOOK_IN_KERNEL = 5;

    /** If half of the sharers wait, and they take fewer tasks each from one look to the next, though there are more, these take longer than to wake a thread does. */
    private static final long FEW_TASKS = 10;

    /** So many looks in a row may find that. */
    private static final int MOST_SLOW_LOOKS = 2;

    /** Tasks that wait come together: so long each gets a thread at once, and only about once in this time others have to wait for a look. */
    private static final long OWN_THREADS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Executor threads;
    private final Executor later;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicReferenceArray<@Nullable Sharer> places;
    private final AtomicBoolean lookScheduled = new AtomicBoolean();
    private volatile long ownThreadsUntil = System.nanoTime();
    /** For whoever has scheduled the look. */
    private int slowLooks;

    /** @param threads runs each task on a thread of its own, starts it at once, and refuses none; for example {@link java.util.concurrent.Executors#newCachedThreadPool()} */
    public SharingExecutor(Executor threads) {
        this(
                threads,
                Runtime.getRuntime().availableProcessors(),
                CompletableFuture.delayedExecutor(LOOK_AFTER_MILLIS, TimeUnit.MILLISECONDS, Runnable::run));
    }

    /**
     * @param limit the most sharers at a time
     * @param later runs looks, after a while
     */
    SharingExecutor(Executor threads, int limit, Executor later) {
        this.threads = threads;
        this.later = later;
        this.places = new AtomicReferenceArray<>(limit);
    }

    /** @throws RejectedExecutionException if the pool refuses it: it does not run */
    @Override
    public void execute(Runnable task) {
        if (!executeAll(List.of(task)).isEmpty()) {
            throw new RejectedExecutionException("the pool takes no tasks");
        }
    }

    /**
     * Runs tasks that come together: no more threads wake for them than there are tasks or sharers.
     *
     * @return those that the pool refuses, which do not run; mostly none
     */
    public List<Runnable> executeAll(List<Runnable> tasks) {
        if (System.nanoTime() - ownThreadsUntil < 0) {
            return tasks.stream().filter(task -> !hasOwnThread(task)).toList();
        }
        waiting.addAll(tasks);
        try {
            for (int i = 0; i < tasks.size() && !waiting.isEmpty(); i++) {
                if (!startSharer()) {
                    scheduleLook(false);
                    break;
                }
            }
        } catch (RejectedExecutionException e) {
            // What a sharer that still runs has taken is not refused.
            return tasks.stream().filter(waiting::remove).toList();
        }
        return List.of();
    }

    private boolean hasOwnThread(Runnable task) {
        try {
            threads.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Returns false if there are as many as there may be. */
    private boolean startSharer() {
        for (int place = 0; place < places.length(); place++) {
            if (places.get(place) == null) {
                Sharer sharer = new Sharer(place);
                if (places.compareAndSet(place, null, sharer)) {
                    try {
                        threads.execute(sharer);
                    } catch (RuntimeException | Error e) {
                        // No memory for a thread, for example: others may have more luck.
                        sharer.leave();
                        throw e;
                    }
                    return true;
                }
            }
        }
        return false;
    }

    /** @param again right after another */
    private void scheduleLook(boolean again) {
        if (!lookScheduled.get() && lookScheduled.compareAndSet(false, true)) {
            if (!again) {
                slowLooks = 0;
            }
            for (int place = 0; place < places.length(); place++) {
                Sharer sharer = places.get(place);
                if (sharer != null) {
                    sharer.observe();
                }
            }
            later.execute(this::look);
        }
    }

    /** On a timer's thread, one at a time. */
    private void look() {
        try {
            if (!waiting.isEmpty()) {
                dismissStuck();
            }
        } catch (RejectedExecutionException e) {
            giveOwnThreads();
        } finally {
            lookScheduled.set(false);
        }
        if (!waiting.isEmpty()) {
            scheduleLook(true);
        }
    }

    private void dismissStuck() {
        int dismissed = 0;
        int left = 0;
        int waits = 0;
        long taken = 0;
        for (int place = 0; place < places.length(); place++) {
            Sharer sharer = places.get(place);
            if (sharer != null) {
                long since = sharer.takenSinceObserved();
                taken += since;
                boolean sharerWaits = since < FEW_TASKS && sharer.waits();
                if (sharerWaits) {
                    waits++;
                }
                if (since == 0 && sharer.isStuck(sharerWaits)) {
                    sharer.leave();
                    dismissed++;
                } else {
                    left++;
                }
            }
        }
        int sharers = dismissed + left;
        boolean slow = taken < FEW_TASKS * sharers && 2 * waits >= sharers;
        slowLooks = slow ? slowLooks + 1 : 0;
        if ((dismissed > 0 && left == 0) || slowLooks > MOST_SLOW_LOOKS) {
            ownThreadsUntil = System.nanoTime() + OWN_THREADS_NANOS;
            giveOwnThreads();
            return;
        }
        for (int i = 0; i < dismissed; i++) {
            startSharer();
        }
    }

    private void giveOwnThreads() {
        for (Runnable task = waiting.poll(); task != null; task = waiting.poll()) {
            if (!hasOwnThread(task)) {
                // The pool has been shut down since it was taken.
                ForkJoinPool.commonPool().execute(task);
            }
        }
    }

    /** A thread while it runs tasks. Dismissed when it is not in its place any more. */
    private final class Sharer implements Runnable {
        private final int place;
        private Optional<Path> kernelThread = Optional.empty();
        private volatile @Nullable Thread thread;
        /** Tasks so far; written by its thread only. */
        private final AtomicLong taken = new AtomicLong();
        // For whoever has scheduled the look.
        private long observed = -1;
        private int looksWhileRunning;

        Sharer(int place) {
            this.place = place;
        }

        @Override
        public void run() {
            try {
                kernelThread = KernelWait.currentThread();
                thread = Thread.currentThread();
                do {
                    runTasks();
                    // A task may have come since, and count on this sharer.
                } while (leave() && !waiting.isEmpty() && places.compareAndSet(place, null, this));
            } finally {
                // A task has failed.
                if (leave() && !waiting.isEmpty()) {
                    startSharer();
                }
            }
        }

        private void runTasks() {
            while (places.get(place) == this) {
                Runnable task = waiting.poll();
                if (task == null) {
                    return;
                }
                taken.setOpaque(taken.getPlain() + 1);
                try {
                    task.run();
                } finally {
                    // As a thread pool does.
                    Thread.interrupted();
                }
            }
        }

        /** Returns whether it still had its place. */
        boolean leave() {
            return places.compareAndSet(place, this, null);
        }

        void observe() {
            long now = taken.getOpaque();
            if (now != observed) {
                observed = now;
                looksWhileRunning = 0;
            }
        }

        long takenSinceObserved() {
            return taken.getOpaque() - observed;
        }

        /** Whether it waits for something that is no processor. */
        boolean waits() {
            Thread running = thread;
            return running != null && (running.getState() != Thread.State.RUNNABLE || KernelWait.isIn(kernelThread));
        }

        /** It is in the same task as when the look was scheduled: whether that is because it waits, or has run for long. */
        boolean isStuck(boolean waits) {
            Thread running = thread;
            if (running == null) {
                return false;
            }
            looksWhileRunning += waits ? LOOK_IN_KERNEL : 1;
            return running.getState() != Thread.State.RUNNABLE || looksWhileRunning >= LOOKS_WHILE_RUNNING;
        }
    }
}
