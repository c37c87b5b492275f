package io.conec.internal.transport;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.condition.OS;

/** A test is the reader. */
@EnabledOnOs(OS.LINUX)
final class LendingEventLoopTests {
    private static final class Group extends MultiThreadIoEventLoopGroup {
        Group() {
            super(1, EpollIoHandler.newFactory());
        }

        @Override
        protected EventLoop newChild(Executor executor, Object... args) {
            return new LendingEventLoop(this, executor, (IoHandlerFactory) args[0]);
        }
    }

    private final Group group = new Group();
    private final LendingEventLoop loop = (LendingEventLoop) group.next();
    private final LoopBorrower borrower = new LoopBorrower(loop);
    private Thread owner;

    @BeforeEach
    void start() {
        owner = get(CompletableFuture.supplyAsync(Thread::currentThread, loop));
    }

    @AfterEach
    void end() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Waits for a message, and gets it. */
    private void alternate() {
        borrower.sleeps();
        CompletableFuture.runAsync(borrower::arrived, loop).join();
        borrower.got();
    }

    /** What ran the task. Alternates until it can have the loop. */
    private Thread borrow(Runnable task) {
        AtomicReference<Thread> ran = new AtomicReference<>();
        for (int i = 0; i < 10_000; i++) {
            alternate();
            boolean borrowed = borrower.run(() -> {
                ran.set(Thread.currentThread());
                task.run();
            });
            if (borrowed) {
                return ran.get();
            }
        }
        throw new AssertionError("the loop was not lent");
    }

    private boolean runUntil(BooleanSupplier readable) {
        return borrower.runUntil(readable, System.nanoTime() + TimeUnit.MINUTES.toNanos(1));
    }

    private void ownerHasIt() {
        eventually(() -> assertThat(loop.inEventLoop(owner)).isTrue());
    }

    @Test
    void isLentToAReaderThatAlternates() {
        AtomicBoolean inEventLoop = new AtomicBoolean();
        AtomicBoolean onNetworkThread = new AtomicBoolean();

        Thread ran = borrow(() -> {
            inEventLoop.set(loop.inEventLoop());
            onNetworkThread.set(NetworkThread.isCurrent());
        });

        assertThat(ran).isSameAs(Thread.currentThread());
        assertThat(inEventLoop).isTrue();
        assertThat(onNetworkThread).isTrue();
        assertThat(loop.inEventLoop()).isFalse();
        assertThat(NetworkThread.isCurrent()).isFalse();
    }

    @Test
    void notToOneThatTakesItsTime() throws Exception {
        for (int i = 0; i < 3 * LoopBorrower.ENOUGH; i++) {
            alternate();
            Thread.sleep(1);
            assertThat(borrower.run(() -> {})).isFalse();
        }
        assertThat(loop.inEventLoop(owner)).isTrue();
    }

    @Test
    void norToOneThatFindsMessages() {
        for (int i = 0; i < 10 * LoopBorrower.ENOUGH; i++) {
            if (i % (LoopBorrower.ENOUGH / 2) == 0) {
                borrower.foundMessages();
            }
            alternate();
            assertThat(borrower.run(() -> {})).isFalse();
        }
    }

    @Test
    void norWhileItIsSharedWithOthers() {
        loop.lends(false);
        for (int i = 0; i < 3 * LoopBorrower.ENOUGH; i++) {
            alternate();
            assertThat(borrower.run(() -> {})).isFalse();
        }
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void norToAVirtualThread() throws Exception {
        FutureTask<Boolean> reader = new FutureTask<>(() -> {
            boolean borrowed = false;
            for (int i = 0; i < 3 * LoopBorrower.ENOUGH; i++) {
                alternate();
                borrowed |= borrower.run(() -> {});
            }
            return borrowed;
        });
        Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, reader);

        assertThat(reader.get(10, TimeUnit.SECONDS)).isFalse();
    }

    @Test
    void anotherThreadThanTheReadersDoesNotGetIt() {
        borrow(() -> {});

        assertThat(get(CompletableFuture.supplyAsync(() -> borrower.run(() -> {}))))
                .isFalse();
    }

    @Test
    void itsThreadTakesItBackWhenNobodyHasIt() {
        borrow(() -> {});

        ownerHasIt();
    }

    @Test
    void aBorrowerThatBecomesSlowDoesNotGetItAgain() throws Exception {
        borrow(() -> {});

        for (int i = 0; i < 10; i++) {
            Thread.sleep(0, 300_000);
            runUntil(() -> true);
        }

        assertThat(borrower.alternates()).isFalse();
        ownerHasIt();
    }

    /** It looks at the network only when it reads. */
    @Test
    void itsThreadTakesItBackFromOneThatOnlySends() {
        borrow(() -> {});
        boolean refused = false;

        // Each for longer than its thread waits between two looks, with hardly a moment between them in which nobody
        // has it.
        for (int i = 0; i < 100 && !refused; i++) {
            refused = !borrower.run(() -> LockSupport.parkNanos(3 * LendingEventLoop.LOOK_NANOS));
        }

        assertThat(refused).isTrue();
        ownerHasIt();
    }

    @Test
    void aBorrowerWhoseTimeIsAlmostOverGivesItBack() {
        borrow(() -> {});
        // Turns that come all the time and bring nothing.
        var ticks = loop.scheduleAtFixedRate(() -> {}, 3, 3, TimeUnit.MILLISECONDS);
        long deadline = System.nanoTime() + LoopBorrower.LATE_NANOS + TimeUnit.MILLISECONDS.toNanos(10);

        borrower.runUntil(() -> false, deadline);

        ticks.cancel(false);
        ownerHasIt();
    }

    @Test
    void whoseTaskBorrowsAnotherLoopDoesNotGetThat() {
        AtomicBoolean again = new AtomicBoolean(true);

        borrow(() -> again.set(borrower.run(() -> {})));

        assertThat(again).isFalse();
    }

    @Test
    void aTaskForNobodyRuns() {
        for (int i = 0; i < 100; i++) {
            borrow(() -> {});
            get(CompletableFuture.runAsync(() -> {}, loop));
        }
    }

    @Test
    void aTimerOfABorrowerRuns() {
        CompletableFuture<Boolean> fired = new CompletableFuture<>();

        borrow(() -> loop.schedule(() -> fired.complete(true), 20, TimeUnit.MILLISECONDS));

        get(fired);
    }

    @Test
    void aTaskWhoseFailureIsTheLoopsToTellLeavesItUsable() {
        borrow(() -> {
            throw new IllegalStateException("expected in the log");
        });

        get(CompletableFuture.runAsync(() -> {}, loop));
        ownerHasIt();
    }

    @Test
    void aBorrowerThatWaitsRunsTheTasksOfOthers() throws Exception {
        AtomicBoolean readable = new AtomicBoolean();
        AtomicReference<@Nullable Thread> ran = new AtomicReference<>();

        for (int i = 0; i < 1_000 && ran.get() != Thread.currentThread(); i++) {
            readable.set(false);
            borrow(() -> {});
            CompletableFuture<Void> other = CompletableFuture.runAsync(() -> loop.execute(() -> {
                ran.set(Thread.currentThread());
                readable.set(true);
            }));
            runUntil(readable::get);
            get(other);
        }

        assertThat(ran).hasValue(Thread.currentThread());
    }

    /** It has to see interrupts and its time limit. */
    @Test
    void aBorrowerThatWaitsInVainGivesItBack() {
        borrow(() -> {});

        runUntil(() -> false);

        assertThat(loop.inEventLoop()).isFalse();
        ownerHasIt();
    }

    @Test
    void anInterruptedBorrowerGivesItBack() {
        borrow(() -> {});

        Thread.currentThread().interrupt();
        runUntil(() -> false);

        assertThat(Thread.interrupted()).isTrue();
        ownerHasIt();
    }

    /** Not only after a while, when the loop's own thread wants it back. */
    @Test
    void aBorrowerIsWokenByOtherThreadsToo() {
        Thread reader = Thread.currentThread();
        boolean woken = false;
        for (int i = 0; i < 1_000 && !woken; i++) {
            AtomicBoolean readable = new AtomicBoolean();
            AtomicBoolean ended = new AtomicBoolean();
            borrow(() -> {});
            CompletableFuture<Void> other = CompletableFuture.runAsync(() -> {
                while (!loop.inEventLoop(reader) && !ended.get()) {
                    Thread.onSpinWait();
                }
                // It sleeps by then.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                readable.set(true);
                borrower.arrived();
            });

            woken = runUntil(readable::get) && !loop.isWanted();

            ended.set(true);
            get(other);
        }

        assertThat(woken).isTrue();
    }

    /** What runs there takes over nothing from the borrower: neither what threads inherit nor what executors pass on. */
    @Test
    void whatABorrowerHandsOverRunsInTheLoopsOwnThread() {
        CompletableFuture<Thread> ran = new CompletableFuture<>();

        borrow(() -> {
            if (!ran.isDone()) {
                LoopBorrower.handOver(() -> ran.complete(Thread.currentThread()));
            }
        });

        assertThat(get(ran)).isSameAs(owner);
    }

    @Test
    void whatItHandsOverKeepsItsOrder() throws ExecutionException, InterruptedException {
        ConcurrentLinkedQueue<Integer> order = new ConcurrentLinkedQueue<>();
        AtomicBoolean handedOver = new AtomicBoolean();
        borrow(() -> {
            if (handedOver.compareAndSet(false, true)) {
                for (int i = 0; i < 50; i++) {
                    int next = i;
                    LoopBorrower.handOver(() -> order.add(next));
                }
            }
        });

        loop.submit(() -> order.add(50)).get();
        ownerHasIt();

        assertThat(order)
                .containsExactlyElementsOf(IntStream.rangeClosed(0, 50).boxed().toList());
    }

    @Test
    void endsWhileItIsLent() {
        borrow(() -> {});
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS);

        runUntil(() -> false);

        group.terminationFuture().awaitUninterruptibly();
        assertThat(loop.isTerminated()).isTrue();
        eventually(() -> assertThat(owner.isAlive()).isFalse());
    }
}
