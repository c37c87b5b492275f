package io.conec.internal.channel;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

/**
 * Futures of messages that QUIC has taken, until they complete: many at a time, as a thread of the application has to wake for it. Those that somebody waits for complete soon, and all that was
 * taken before with them. The others complete later: as long as nobody is found to have come for one, after twice the time of the last ones. Owned by the event loop.
 */
final class TakenSends {
    /** For those who look at a {@link SendFuture} past its methods. */
    static final long LATEST_MICROS = 8_000;

    /** When so many wait they do not wait for long. */
    private static final int MOST = 4_096;

    private final Dispatcher dispatcher;
    private final EventLoop eventLoop;
    private final Deferred soon = new Deferred(this::tell);
    private final Deferred later = new Deferred(this::tell);
    private List<SendFuture> untold = new ArrayList<>();
    /** Whether somebody waits for one of them. */
    private boolean awaited;

    private long laterMicros = Deferred.MICROS;
    /** Whether somebody had come for one of those that completed last. */
    private volatile boolean watched;

    TakenSends(Dispatcher dispatcher, EventLoop eventLoop) {
        this.dispatcher = dispatcher;
        this.eventLoop = eventLoop;
    }

    /** QUIC has taken it; {@link #tellInTime} or {@link #tell} follows. */
    void add(SendFuture future) {
        untold.add(future);
        awaited |= future.taken();
    }

    /**
     * What was added completes when it is time for it.
     *
     * @param more whether more is to be taken soon, so that one thread may wake for all
     */
    void tellInTime(boolean more) {
        if (awaited && !more) {
            // After what was taken has left: to wake a thread takes time.
            eventLoop.execute(this::tell);
        } else if (awaited || untold.size() >= MOST) {
            soon.within(Deferred.MICROS, eventLoop);
        } else if (!untold.isEmpty()) {
            later.within(watched ? Deferred.MICROS : laterMicros, eventLoop);
        }
    }

    /** What was added completes now. */
    void tell() {
        if (untold.isEmpty()) {
            return;
        }
        laterMicros = watched ? Deferred.MICROS : Math.min(2 * laterMicros, LATEST_MICROS);
        List<SendFuture> told = untold;
        untold = new ArrayList<>();
        awaited = false;
        dispatcher.execute(() -> {
            boolean anyWatched = false;
            for (SendFuture future : told) {
                anyWatched |= future.isWatched();
                future.complete(null);
            }
            watched = anyWatched;
        });
    }
}
