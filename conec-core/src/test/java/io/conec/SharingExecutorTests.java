package io.conec;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sharing a few threads: who runs what, and what happens to tasks that wait for one that takes long. Most tests say themselves when a look is due. */
final class SharingExecutorTests {
    private static final int CALLERS = 4;
    private static final int TASKS_OF_A_CALLER = 20_000;

    private final Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
    private final ExecutorService pool = Executors.newCachedThreadPool(this::thread);
    private final ConcurrentLinkedQueue<Runnable> handedOver = new ConcurrentLinkedQueue<>();
    private final Executor threads = command -> {
        handedOver.add(command);
        pool.execute(command);
    };
    private final ConcurrentLinkedQueue<Runnable> looks = new ConcurrentLinkedQueue<>();

    private static final class Held implements Runnable {
        final CompletableFuture<Thread> started = new CompletableFuture<>();
        final CompletableFuture<Void> released = new CompletableFuture<>();

        @Override
        public void run() {
            started.complete(Thread.currentThread());
            get(released);
        }

        void release() {
            released.complete(null);
        }
    }

    /** A task that runs until as many as its number have been released. */
    private static final class Running implements Runnable {
        private final AtomicInteger released;
        private final int number;
        final CompletableFuture<Void> started = new CompletableFuture<>();

        Running(AtomicInteger released, int number) {
            this.released = released;
            this.number = number;
        }

        @Override
        public void run() {
            started.complete(null);
            while (released.get() < number) {
                Thread.onSpinWait();
            }
        }
    }

    @AfterEach
    void end() {
        pool.shutdownNow();
    }

    /** From several callers, with looks as they come. */
    @Test
    void runsEveryTaskOnce() {
        SharingExecutor sharing = new SharingExecutor(threads);
        AtomicIntegerArray runs = new AtomicIntegerArray(CALLERS * TASKS_OF_A_CALLER);
        AtomicInteger total = new AtomicInteger();
        // As many threads as there may come to be if the sharers get no processor for long.
        Semaphore unfinished = new Semaphore(200);
        for (int caller = 0; caller < CALLERS; caller++) {
            int first = caller * TASKS_OF_A_CALLER;
            pool.execute(() -> {
                for (int i = first; i < first + TASKS_OF_A_CALLER; i++) {
                    int number = i;
                    unfinished.acquireUninterruptibly();
                    sharing.execute(() -> {
                        runs.incrementAndGet(number);
                        total.incrementAndGet();
                        unfinished.release();
                    });
                }
            });
        }

        eventually(() -> assertThat(total).hasValueGreaterThanOrEqualTo(runs.length()));
        for (int number = 0; number < runs.length(); number++) {
            assertThat(runs.get(number)).as("runs of task %d", number).isEqualTo(1);
        }
        assertThat(uncaught).isEmpty();
    }

    @Test
    void runsShortTasksOnOneThread() {
        SharingExecutor sharing = sharing(1);
        Held first = hold(sharing);
        Set<Thread> used = ConcurrentHashMap.newKeySet();
        CountDownLatch left = new CountDownLatch(1000);
        for (int i = 0; i < 1000; i++) {
            sharing.execute(() -> {
                used.add(Thread.currentThread());
                left.countDown();
            });
        }

        first.release();

        eventually(() -> assertThat(left.getCount()).isZero());
        assertThat(used).containsExactly(get(first.started));
        assertThat(handedOver).hasSize(1);
    }

    @Test
    void givesTasksBehindOneThatBlocksTheirOwnThreads() {
        SharingExecutor sharing = sharing(1);
        Held first = hold(sharing);
        List<Held> behind = Stream.generate(Held::new).limit(10).toList();
        behind.forEach(sharing::execute);
        assertThat(looks).hasSize(1);

        look();

        behind.forEach(task -> get(task.started));
        assertThat(handedOver).hasSize(11);
        assertThat(looks).isEmpty();
        behind.forEach(Held::release);
        first.release();
    }

    @Test
    void sharesAgainAfterAWhile() {
        SharingExecutor sharing = sharing(1);
        Held first = hold(sharing);
        Held second = new Held();
        sharing.execute(second);
        look();
        awaitHeld(second);

        // As long as tasks have their own threads, each is handed over as it is.
        eventually(() -> {
            Runnable task = () -> {};
            handedOver.clear();
            sharing.execute(task);
            assertThat(handedOver).doesNotContain(task);
        });
        second.release();
        first.release();
    }

    @Test
    void doesNotDismissASharerThatGetsOn() {
        SharingExecutor sharing = sharing(1);
        Held first = hold(sharing);
        Held second = new Held();
        Held third = new Held();
        sharing.execute(second);
        sharing.execute(third);
        first.release();
        awaitHeld(second);

        look();

        assertThat(handedOver).hasSize(1);
        assertThat(third.started).isNotDone();

        // The second one has not ended since the look before.
        look();

        awaitHeld(third);
        assertThat(handedOver).hasSize(2);
        second.release();
        third.release();
    }

    @Test
    void replacesOnlyTheSharerThatIsStuck() {
        SharingExecutor sharing = sharing(2);
        Held stuck = hold(sharing);
        Held ending = hold(sharing);
        Held next = new Held();
        Held waiting = new Held();
        sharing.execute(next);
        sharing.execute(waiting);
        ending.release();
        awaitHeld(next);

        look();

        awaitHeld(waiting);
        assertThat(handedOver).hasSize(3);

        // Again two sharers, who are in their places: no third one.
        CompletableFuture<Void> last = CompletableFuture.runAsync(() -> {}, sharing);
        assertThat(handedOver).hasSize(3);
        next.release();
        get(last);
        stuck.release();
        waiting.release();
    }

    @Test
    void endsTheDismissedSharerAfterItsTask() {
        SharingExecutor sharing = sharing(2);
        Held stuck = hold(sharing);
        Held ending = hold(sharing);
        Held next = new Held();
        Held replacing = new Held();
        sharing.execute(next);
        sharing.execute(replacing);
        ending.release();
        awaitHeld(next);
        look();
        awaitHeld(replacing);
        Held last = new Held();
        sharing.execute(last);

        stuck.release();
        next.release();

        assertThat(get(last.started)).isNotSameAs(get(stuck.started));
        last.release();
        replacing.release();
    }

    @Test
    void leavesASharerTimeThatRuns() {
        SharingExecutor sharing = sharing(1);
        AtomicInteger released = new AtomicInteger();
        Running running = new Running(released, 1);
        sharing.execute(running);
        get(running.started);
        CompletableFuture<Void> behind = CompletableFuture.runAsync(() -> {}, sharing);

        // One may find it in a pause of the JVM.
        for (int i = 1; i < 5; i++) {
            look();
            assertThat(handedOver).as("threads after %d looks", i).hasSize(1);
        }
        for (int i = 5; i < 11 && !looks.isEmpty(); i++) {
            look();
        }

        get(behind);
        released.set(1);
    }

    /** To Java a thread that waits in the kernel runs. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void givesTasksBehindOneThatWaitsForASocketTheirOwnThreads() throws Exception {
        SharingExecutor sharing = sharing(1);
        CompletableFuture<Void> ended = new CompletableFuture<>();
        try (ServerSocket socket = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Optional<Path>> started = new CompletableFuture<>();
            sharing.execute(() -> {
                started.complete(KernelWait.currentThread());
                assertThatThrownBy(socket::accept).isInstanceOf(SocketException.class);
                ended.complete(null);
            });
            Optional<Path> thread = get(started);
            assertThat(thread).isPresent();
            eventually(() -> assertThat(KernelWait.isIn(thread)).isTrue());
            List<Held> behind = Stream.generate(Held::new).limit(10).toList();
            behind.forEach(sharing::execute);

            look();
            look();

            behind.forEach(task -> get(task.started));
            behind.forEach(Held::release);
        }
        get(ended);
    }

    /** Ten tasks in two milliseconds are what it takes to be worth to wait for. */
    @ParameterizedTest
    @CsvSource({"9, true", "10, false"})
    void givesTasksTheirOwnThreadsIfTheyWaitForLongTogether(int tasksBetweenLooks, boolean own) {
        SharingExecutor sharing = sharing(1);
        List<Held> tasks =
                Stream.generate(Held::new).limit(3L * tasksBetweenLooks + 5).toList();
        sharing.execute(tasks.get(0));
        awaitHeld(tasks.get(0));
        tasks.stream().skip(1).forEach(sharing::execute);

        int held = 0;
        for (int i = 0; i < 3; i++) {
            assertThat(handedOver).as("threads after %d looks", i).hasSize(1);
            for (int end = held + tasksBetweenLooks; held < end; held++) {
                tasks.get(held).release();
            }
            awaitHeld(tasks.get(held));
            look();
        }

        Held last = tasks.get(tasks.size() - 1);
        if (own) {
            get(last.started);
        } else {
            assertThat(handedOver).hasSize(1);
        }
        tasks.forEach(Held::release);
        get(last.started);
    }

    @Test
    void lookFindsNothingToDoWhenNothingWaits() {
        SharingExecutor sharing = sharing(1);
        Held first = hold(sharing);
        CompletableFuture<Void> second = CompletableFuture.runAsync(() -> {}, sharing);
        first.release();
        get(second);

        look();

        assertThat(handedOver).hasSize(1);
        assertThat(looks).isEmpty();
    }

    @Test
    void letsATaskWaitForOneBehindIt() {
        SharingExecutor sharing = new SharingExecutor(threads);
        List<CompletableFuture<Void>> ended = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            CompletableFuture<Void> behind = new CompletableFuture<>();
            ended.add(CompletableFuture.runAsync(() -> get(behind), sharing));
            sharing.execute(() -> behind.complete(null));
        }

        ended.forEach(stage -> get(stage));
    }

    @Test
    void runsManyTasksThatBlockAtTheSameTime() {
        SharingExecutor sharing = new SharingExecutor(threads);
        AtomicInteger missing = new AtomicInteger(50);
        CompletableFuture<Void> together = new CompletableFuture<>();
        List<CompletableFuture<Void>> ended = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            ended.add(CompletableFuture.runAsync(
                    () -> {
                        if (missing.decrementAndGet() == 0) {
                            together.complete(null);
                        }
                        get(together);
                    },
                    sharing));
        }

        ended.forEach(stage -> get(stage));
    }

    @Test
    void goesOnAfterATaskThatThrows() {
        SharingExecutor sharing = sharing(1);
        Held first = hold(sharing);
        RuntimeException exception = new IllegalStateException("expected");
        Error error = new AssertionError("expected");
        sharing.execute(() -> {
            throw exception;
        });
        sharing.execute(() -> {
            throw error;
        });
        CompletableFuture<Void> last = CompletableFuture.runAsync(() -> {}, sharing);

        first.release();

        get(last);
        eventually(() -> assertThat(uncaught).containsExactlyInAnyOrder(exception, error));
    }

    @Test
    void doesNotInterruptTheNextTask() {
        SharingExecutor sharing = sharing(1);
        Held first = hold(sharing);
        sharing.execute(() -> Thread.currentThread().interrupt());
        CompletableFuture<Boolean> interrupted =
                CompletableFuture.supplyAsync(() -> Thread.currentThread().isInterrupted(), sharing);

        first.release();

        assertThat(get(interrupted)).isFalse();
    }

    @Test
    void refusesWhatItsPoolRefuses() {
        SharingExecutor sharing = sharing(2);
        Held first = hold(sharing);
        Queue<String> run = new ConcurrentLinkedQueue<>();
        pool.shutdown();

        assertThatThrownBy(() -> sharing.execute(() -> run.add("alone")))
                .isInstanceOf(RejectedExecutionException.class);
        Runnable task = () -> run.add("together");
        assertThat(sharing.executeAll(List.of(task, task))).containsExactly(task, task);

        // Nor does the sharer run it that is still there.
        first.release();
        eventually(() -> assertThat(pool.isTerminated()).isTrue());
        assertThat(run).isEmpty();
    }

    @Test
    void runsWhatItHasTakenThoughItsPoolIsShutDown() {
        SharingExecutor sharing = sharing(1);
        Held first = hold(sharing);
        CompletableFuture<Void> behind = CompletableFuture.runAsync(() -> {}, sharing);
        pool.shutdown();

        look();

        get(behind);
        first.release();
    }

    @Test
    void whatASharerStillTakesIsNotRefused() {
        SharingExecutor sharing = sharing(1);
        Held first = hold(sharing);
        pool.shutdown();
        CompletableFuture<Void> behind = CompletableFuture.runAsync(() -> {}, sharing);

        first.release();

        get(behind);
    }

    private SharingExecutor sharing(int limit) {
        return new SharingExecutor(threads, limit, looks::add);
    }

    /** A task that has started and does not end before it is released. */
    private static Held hold(SharingExecutor sharing) {
        Held held = new Held();
        sharing.execute(held);
        awaitHeld(held);
        return held;
    }

    /** Until it has started and waits. */
    private static void awaitHeld(Held held) {
        Thread thread = get(held.started);
        eventually(() -> assertThat(thread.getState()).isNotEqualTo(Thread.State.RUNNABLE));
    }

    private void look() {
        looks.remove().run();
    }

    private Thread thread(Runnable code) {
        Thread thread = new Thread(code, "sharing-tests");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((failed, cause) -> uncaught.add(cause));
        return thread;
    }
}
