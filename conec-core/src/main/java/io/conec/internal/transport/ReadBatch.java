package io.conec.internal.transport;

import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is put off until all packets that one read of the socket has brought are QUIC's: done after each, it would wake threads and send packets one by one. It is done before QUIC sends its
 * acknowledgements, so that an application's thread starts before that system call and what is written meanwhile leaves with them. Owned by the event loop.
 */
final class ReadBatch {
    private static final Logger log = LoggerFactory.getLogger(ReadBatch.class);

    private final ArrayDeque<Runnable> putOff = new ArrayDeque<>();
    private boolean reading;

    /** A packet is about to be given to QUIC. */
    void reading() {
        reading = true;
    }

    /** Puts the task off until {@link #complete}; returns false if no read is under way. */
    boolean putOff(Runnable task) {
        if (reading) {
            putOff.add(task);
        }
        return reading;
    }

    /** QUIC has all packets: does what was put off, and what that puts off. */
    void complete() {
        for (Runnable task = putOff.poll(); task != null; task = putOff.poll()) {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                // As an event loop does: what others put off is done all the same.
                log.error("What was put off until after a read has failed", e);
            }
        }
        reading = false;
    }
}
