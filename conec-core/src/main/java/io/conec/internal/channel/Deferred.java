package io.conec.internal.channel;

import io.netty.channel.EventLoop;
import java.util.concurrent.TimeUnit;

/** A task that is put off for a moment, so that it is done once for many who ask for it. Owned by the event loop. */
final class Deferred {
    /** A moment. Waking a thread takes some tens of microseconds of the one that wakes it. */
    static final long MICROS = 500;

    private final Runnable task;
    private boolean scheduled;

    Deferred(Runnable task) {
        this.task = task;
    }

    /** Has it done within that time, or when it is to be done anyway. */
    void within(long micros, EventLoop eventLoop) {
        if (!scheduled) {
            scheduled = true;
            eventLoop.schedule(this::run, micros, TimeUnit.MICROSECONDS);
        }
    }

    private void run() {
        scheduled = false;
        task.run();
    }
}
