package io.conec.internal.transport;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A stream's reader, which may run its event loop itself ({@link LendingEventLoop}) while it alternates: while it finds no message when it comes, and comes back for the next soon after it got one, always the same thread. Not a
 * virtual thread, which would hold on to the thread that carries it. For the reader's thread, where nothing else is said.
 */
public final class LoopBorrower {
    /** After this many messages it offers to take the loop. */
    static final int ENOUGH = 8;

    /** What it does between two messages takes no longer. For about as long the network waits for it. */
    private static final long QUICK_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    /** It may take longer as often as this in a row: others run on its processor, too. */
    private static final int MOST_SLOW = 4;

    /** So many turns in a row that bring nothing for it are for others. */
    private static final int MOST_FRUITLESS_TURNS = 16;

    /** It may notice so much later that it is interrupted, or that its time is almost over. */
    public static final long LATE_NANOS = 2 * LendingEventLoop.MOST_IDLE_LOOKS * LendingEventLoop.LOOK_NANOS;

    /** Since Java 21. */
    private static final @Nullable Method IS_VIRTUAL = isVirtualMethod();

    private final @Nullable LendingEventLoop loop;
    /** Whose alternations these are; null if they do not count. */
    private volatile @Nullable Thread thread;

    private int alternations;
    /** Whether it has got a message since it slept. */
    private boolean got;

    private long gotAt;
    private boolean hasBorrowed;
    private int slow;
    /** Read on the event loop. */
    private volatile boolean offers;

    /** @param loop null if there is none that is lent */
    LoopBorrower(@Nullable LendingEventLoop loop) {
        this.loop = loop;
    }

    /** One who never borrows. */
    public static LoopBorrower never() {
        return new LoopBorrower(null);
    }

    /** Has the own thread of the loop that the calling thread has borrowed run the task, soon. */
    public static void handOver(Runnable task) {
        LendingEventLoop.handOver(task);
    }

    /** Whether the calling thread has borrowed a loop and runs it. Any thread. */
    public static boolean isCurrent() {
        return LendingEventLoop.isBorrowedByCurrentThread();
    }

    /**
     * Instead of sleeping: runs the loop until there is something to read, or others need the loop, or the time is almost over. Not under a lock that the event loop takes. Returns false if it cannot be had: the reader has to sleep.
     *
     * @param deadline of {@link System#nanoTime}, of which it leaves {@link #LATE_NANOS}
     */
    public boolean runUntil(BooleanSupplier readable, long deadline) {
        LendingEventLoop from = loop;
        if (from == null || !alternates()) {
            return false;
        }
        slow = isQuick() ? 0 : slow + 1;
        if (slow > MOST_SLOW) {
            stop(from);
            return false;
        }
        if (!from.borrow()) {
            if (hasBorrowed) {
                // Others needed it.
                restart();
            }
            return false;
        }
        hasBorrowed = true;
        try {
            int fruitless = 0;
            while (!readable.getAsBoolean()
                    && !from.isWanted()
                    && !Thread.currentThread().isInterrupted()
                    && deadline - System.nanoTime() > LATE_NANOS) {
                if (fruitless++ == MOST_FRUITLESS_TURNS) {
                    from.want();
                } else {
                    from.turn();
                }
            }
        } catch (RuntimeException | Error e) {
            // As the loop is now, its own thread had better have it.
            from.want();
            throw e;
        } finally {
            from.giveBack();
        }
        got();
        return true;
    }

    /** Runs the task on the event loop, in the calling thread, if that is the reader's and can have the loop now. Any thread, not under a lock that the event loop takes. */
    public boolean run(Runnable task) {
        LendingEventLoop from = loop;
        if (from == null || !alternates() || !from.borrow()) {
            return false;
        }
        try {
            from.turn(task);
        } finally {
            from.giveBack();
        }
        return true;
    }

    /** The reader is about to sleep until a message comes. */
    public void sleeps() {
        if (loop == null) {
            return;
        }
        Thread current = Thread.currentThread();
        if (thread != current) {
            restart();
            thread = isVirtual(current) ? null : current;
        } else if (!got || !isQuick()) {
            restart();
        } else if (alternations < ENOUGH) {
            alternations++;
        }
        got = false;
        offers = alternations >= ENOUGH;
    }

    /** It has slept, and there is a message. */
    public void got() {
        if (loop != null) {
            got = true;
            gotAt = System.nanoTime();
        }
    }

    /** It came and found messages: it is slower than the network. */
    public void foundMessages() {
        LendingEventLoop from = loop;
        if (from != null && alternations > 0) {
            stop(from);
        }
    }

    /** There is something to read. Any thread. */
    public void arrived() {
        LendingEventLoop from = loop;
        if (from == null) {
            return;
        }
        if (!from.inEventLoop()) {
            // The reader may sleep in the loop.
            from.wakeBorrower();
        } else if (offers) {
            offers = false;
            from.lend();
        }
    }

    /** Whether {@link #runUntil} is worth a try. */
    public boolean alternates() {
        return alternations >= ENOUGH && thread == Thread.currentThread();
    }

    private boolean isQuick() {
        return System.nanoTime() - gotAt <= QUICK_NANOS;
    }

    /** The loop's own thread has it back at once. */
    private void stop(LendingEventLoop from) {
        if (hasBorrowed) {
            from.want();
        }
        restart();
    }

    private void restart() {
        alternations = 0;
        hasBorrowed = false;
        slow = 0;
        offers = false;
    }

    private static boolean isVirtual(Thread thread) {
        if (IS_VIRTUAL == null) {
            return false;
        }
        try {
            return (Boolean) IS_VIRTUAL.invoke(thread);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable Method isVirtualMethod() {
        try {
            return Thread.class.getMethod("isVirtual");
        } catch (NoSuchMethodException e) {
            return null;
        }
    }
}
