package io.conec.spring.listener;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Counts the calls of listener methods under way, lets none begin while stopped, and lets those that come before the first start wait for it. Guarded by its lock.
 */
final class Invocations {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private State state;
    private int active;

    private enum State {
        /** Will be started. */
        EXPECTED,
        RUNNING,
        STOPPED
    }

    /** @param expected whether it will be started without anybody asking for it */
    Invocations(boolean expected) {
        state = expected ? State.EXPECTED : State.STOPPED;
    }

    void start() {
        to(State.RUNNING);
    }

    /** Lets no further call begin. */
    void close() {
        to(State.STOPPED);
    }

    /** Waits until no call is under way, for at most this long; false if some still are. */
    boolean awaitIdle(Duration limit) throws InterruptedException {
        lock.lock();
        try {
            long left = limit.toNanos();
            while (active > 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
            return active == 0;
        } finally {
            lock.unlock();
        }
    }

    boolean isRunning() {
        lock.lock();
        try {
            return state == State.RUNNING;
        } finally {
            lock.unlock();
        }
    }

    /** Whether calls may come: it runs, or will. */
    boolean isOpen() {
        lock.lock();
        try {
            return state != State.STOPPED;
        } finally {
            lock.unlock();
        }
    }

    /** Begins a call, waiting for the start if that is expected; false if none may begin. */
    boolean enter() {
        lock.lock();
        try {
            while (state == State.EXPECTED) {
                changed.awaitUninterruptibly();
            }
            if (state == State.STOPPED) {
                return false;
            }
            active++;
            return true;
        } finally {
            lock.unlock();
        }
    }

    void exit() {
        lock.lock();
        try {
            active--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void to(State next) {
        lock.lock();
        try {
            state = next;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
