package io.conec.internal.transport;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A client's event loop, which its thread lends to a thread of the application: to one that reads a stream message by message and answers each, see {@link LoopBorrower}. With the loop in hand that
 * thread sends and reads the socket itself, where it would wait for another to do so, to wake it, and to be woken by it: two switches for each message, of tens of microseconds each. Leader and followers, as this is called, with one follower.
 *
 * <pre>
 *   owner    --a borrower offers, and gets its message-->               nobody
 *   nobody   --the borrower sends, or waits for its next message-->     borrower
 *   borrower --it has sent, or has the message-->                       nobody
 *   nobody   --for {@link #LOOK_NANOS}, or as soon as there is a task--> owner
 *   borrower --nothing comes for it, or others have use for the loop--> nobody, for the owner
 * </pre>
 *
 * Whoever runs the loop is its thread to Netty, and owns what the event loop owns. Not for a coordinator's: while a borrower is busy with its message nobody reads the socket, which is that of all
 * clients there.
 */
final class LendingEventLoop extends SingleThreadIoEventLoop {
    /** The owner looks this often whether its loop is in use. */
    static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** For so many looks a borrower may wait in vain: meanwhile it sees neither an interrupt nor its time limit. */
    static final int MOST_IDLE_LOOKS = 5;

    /** A borrower that hands over more tasks between two looks has come to work for others. */
    private static final int MOST_HANDED_OVER = 4;

    /** Netty's default for its loops. */
    private static final long TASKS_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A borrower has something else to do. */
    private static final long BORROWERS_TASKS_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final ThreadLocal<@Nullable LendingEventLoop> BORROWED = new ThreadLocal<>();

    /** Who runs the loop: its own thread, a borrower, or nobody. */
    private final AtomicReference<@Nullable Thread> runner = new AtomicReference<>();

    private volatile @Nullable Thread owner;
    private volatile boolean lends = true;
    /** The owner shall have it back. */
    private volatile boolean wanted;
    /** Of borrowers, with a look at the network each. */
    private final AtomicLong turns = new AtomicLong();
    /** For the owner to run, from a borrower. */
    private final Queue<Runnable> handedOver = new ConcurrentLinkedQueue<>();

    /** Whether the owner is to lend it after this turn. Owned by the event loop. */
    private boolean lending;

    LendingEventLoop(IoEventLoopGroup parent, Executor executor, IoHandlerFactory io) {
        super(parent, executor, io);
    }

    /** Whether the calling thread has borrowed a loop and runs it. */
    static boolean isBorrowedByCurrentThread() {
        return BORROWED.get() != null;
    }

    /** Has the own thread of the loop that the calling thread has borrowed run the task, soon. */
    static void handOver(Runnable task) {
        LendingEventLoop loop = Objects.requireNonNull(BORROWED.get());
        loop.handedOver.add(task);
        LockSupport.unpark(loop.owner);
    }

    /** Whether it may be lent, from now on. Any thread. */
    void lends(boolean value) {
        lends = value;
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return runner.get() == thread;
    }

    @Override
    public void execute(Runnable task) {
        super.execute(task);
        if (runner.get() == null) {
            LockSupport.unpark(owner);
        }
    }

    @Override
    protected void run() {
        Thread self = Thread.currentThread();
        owner = self;
        runner.set(self);
        ioHandler().initialize();
        do {
            runIo();
            if (isShuttingDown()) {
                ioHandler().prepareToDestroy();
            }
            runAllTasks(TASKS_NANOS);
            if (lending) {
                lending = false;
                standBy(self);
                if (isShuttingDown()) {
                    ioHandler().prepareToDestroy();
                }
            }
        } while (!confirmShutdown() && !canSuspend());
    }

    /** The owner's part while the loop is lent. Returns when it has it back. */
    private void standBy(Thread self) {
        wanted = false;
        long seenTurns = turns.get();
        long lookedAt = System.nanoTime();
        int idleLooks = 0;
        int tasks = 0;
        runner.set(null);
        while (!((wanted || pendingTasks() > 0 || isShuttingDown()) && runner.compareAndSet(null, self))) {
            LockSupport.parkNanos(this, Math.max(1, lookedAt + LOOK_NANOS - System.nanoTime()));
            // Of the application's executor, which may have run a task here.
            Thread.interrupted();
            tasks += runHandedOver();
            long now = System.nanoTime();
            if (now - lookedAt < LOOK_NANOS) {
                // Woken for something else.
                continue;
            }
            boolean idle = turns.get() == seenTurns;
            idleLooks = idle ? idleLooks + 1 : 0;
            if (idle && runner.compareAndSet(null, self)) {
                break;
            }
            if (wanted || idleLooks >= MOST_IDLE_LOOKS || tasks > MOST_HANDED_OVER || !lends || isShuttingDown()) {
                // Again at each look, as a borrower may just have begun to sleep when it was told.
                want();
            }
            seenTurns = turns.get();
            lookedAt = now;
            tasks = 0;
        }
        runHandedOver();
    }

    private int runHandedOver() {
        int tasks = 0;
        for (Runnable task = handedOver.poll(); task != null; task = handedOver.poll()) {
            safeExecute(task);
            tasks++;
        }
        return tasks;
    }

    /** A message for a borrower who offered has come: it gets the loop after this turn, unless it has it. On the event loop. */
    void lend() {
        lending = lends && runner.get() == owner && !isShuttingDown();
    }

    /** The owner is to have it back. Any thread. */
    void want() {
        wanted = true;
        if (runner.get() == null) {
            LockSupport.unpark(owner);
        } else {
            ioHandler().wakeup();
        }
    }

    /** Has a borrower look whether it still needs the loop. Any thread. */
    void wakeBorrower() {
        Thread running = runner.get();
        if (running != null && running != owner) {
            try {
                execute(() -> {});
            } catch (RejectedExecutionException e) {
                // The loop has ended, and no borrower is left.
            }
        }
    }

    /** Takes the loop into the calling thread's hand, if nobody has it, and that has no other. {@link #giveBack} has to follow. */
    boolean borrow() {
        if (!lends || wanted || isShuttingDown() || isBorrowedByCurrentThread()) {
            return false;
        }
        BORROWED.set(this);
        if (!runner.compareAndSet(null, Thread.currentThread())) {
            BORROWED.remove();
            return false;
        }
        return true;
    }

    void giveBack() {
        try {
            BORROWED.remove();
        } finally {
            runner.set(null);
            if (wanted || pendingTasks() > 0 || isShuttingDown()) {
                LockSupport.unpark(owner);
            }
        }
    }

    /** Waits for the network, or a task, and does what there is to do. For a borrower. */
    void turn() {
        turns.incrementAndGet();
        runIo();
        runAllTasks(BORROWERS_TASKS_NANOS);
    }

    /** Runs the task and what follows from it, without a look at the network. For a borrower. */
    void turn(Runnable task) {
        safeExecute(task);
        runAllTasks(BORROWERS_TASKS_NANOS);
    }

    /** Whether a borrower has to give it back. For a borrower. */
    boolean isWanted() {
        return wanted || isShuttingDown();
    }
}
