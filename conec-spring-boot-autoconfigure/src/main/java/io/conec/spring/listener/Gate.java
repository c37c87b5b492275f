package io.conec.spring.listener;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets at most so many calls of a listener be under way at once; the others wait, in order. Nobody is admitted while it is paused, or before it is opened.
 *
 * <pre>
 *   EXPECTED --open--> OPEN --close--> CLOSED --open--> OPEN
 *       `--------------close--------------^
 * </pre>
 *
 * Guarded by its lock.
 */
final class Gate {
    /** Who wants to pass. */
    interface Entrant {
        /** It may go on now. On the executor, after {@link Gate#enter} had made it wait. */
        void admitted();

        /** It may not, nor later. */
        void refused();
    }

    private enum State {
        /** Will be opened: entrants wait for it. */
        EXPECTED,
        OPEN,
        /** Entrants are refused. */
        CLOSED
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Entrant> waiting = new ArrayDeque<>();
    private final Executor executor;
    private final int limit;
    private State state;
    private boolean paused;
    /** Who has entered and not left. */
    private int inside;
    /** Who has entered and not finished: it may leave before that. */
    private int unfinished;

    /**
     * @param limit how many may be inside at once
     * @param expected whether it will be opened without anybody asking for it
     * @param executor runs those that had to wait
     */
    Gate(int limit, boolean expected, Executor executor) {
        this.limit = limit;
        this.state = expected ? State.EXPECTED : State.CLOSED;
        this.executor = executor;
    }

    /** Enters: true if the entrant is inside now; false if it waits, or was refused. */
    boolean enter(Entrant entrant) {
        lock.lock();
        try {
            if (state != State.CLOSED) {
                if (waiting.isEmpty() && hasRoom()) {
                    inside++;
                    unfinished++;
                    return true;
                }
                waiting.add(entrant);
                return false;
            }
        } finally {
            lock.unlock();
        }
        entrant.refused();
        return false;
    }

    /** Makes room for the next. */
    void leave() {
        lock.lock();
        try {
            inside--;
        } finally {
            lock.unlock();
        }
        admit();
    }

    /** What the entrant did is over, with all that follows from it: {@link #awaitFinished} waits for this. */
    void finish() {
        lock.lock();
        try {
            unfinished--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void open() {
        lock.lock();
        try {
            state = State.OPEN;
        } finally {
            lock.unlock();
        }
        admit();
    }

    void pause() {
        lock.lock();
        try {
            paused = true;
        } finally {
            lock.unlock();
        }
    }

    void resume() {
        lock.lock();
        try {
            paused = false;
        } finally {
            lock.unlock();
        }
        admit();
    }

    /** Lets nobody in any more, and refuses those that wait. Those inside go on. */
    void close() {
        List<Entrant> refused;
        lock.lock();
        try {
            state = State.CLOSED;
            refused = new ArrayList<>(waiting);
            waiting.clear();
        } finally {
            lock.unlock();
        }
        refused.forEach(Entrant::refused);
    }

    /** Waits until all that have entered have finished; false if some had not at this {@link System#nanoTime()}. */
    boolean awaitFinished(long deadlineNanos) throws InterruptedException {
        lock.lock();
        try {
            long left = deadlineNanos - System.nanoTime();
            while (unfinished > 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
            return unfinished == 0;
        } finally {
            lock.unlock();
        }
    }

    /** Whether it has been opened and not closed. */
    boolean isOpen() {
        lock.lock();
        try {
            return state == State.OPEN;
        } finally {
            lock.unlock();
        }
    }

    /** Whether it will be opened without anybody asking for it, and was not yet. */
    boolean isExpected() {
        lock.lock();
        try {
            return state == State.EXPECTED;
        } finally {
            lock.unlock();
        }
    }

    /** Whether entrants are refused. */
    boolean isClosed() {
        lock.lock();
        try {
            return state == State.CLOSED;
        } finally {
            lock.unlock();
        }
    }

    boolean isPaused() {
        lock.lock();
        try {
            return paused;
        } finally {
            lock.unlock();
        }
    }

    int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    private boolean hasRoom() {
        return state == State.OPEN && !paused && inside < limit;
    }

    private void admit() {
        while (true) {
            Entrant next;
            lock.lock();
            try {
                if (waiting.isEmpty() || !hasRoom()) {
                    return;
                }
                next = waiting.remove();
                inside++;
                unfinished++;
            } finally {
                lock.unlock();
            }
            try {
                executor.execute(next::admitted);
            } catch (RejectedExecutionException e) {
                // The application shut its executor down before its listeners.
                next.refused();
                finish();
                lock.lock();
                try {
                    inside--;
                } finally {
                    lock.unlock();
                }
            }
        }
    }
}
