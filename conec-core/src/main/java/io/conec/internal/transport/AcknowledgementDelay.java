package io.conec.internal.transport;

import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Has QUIC send what reads of the socket have made due, above all acknowledgements: at once, or a moment later, when more has come or the application has answered. An acknowledgement that leaves with an answer costs neither side a packet of its own. quiche 0.29.3
 * acknowledges whenever it is asked to send. Owned by the event loop.
 *
 * <p>A delay of up to max_ack_delay, 25 ms, is allowed by RFC 9000, section 13.2.1. Section 13.2.2 recommends to acknowledge every second packet and leaves other ways open; here it is at the latest every third, whether or not they ask for it, and as nobody sees here
 * which packet is missing, one behind a gap waits as others do.
 *
 * <p>Nothing is put off that could hold up anything: a handshake, data that QUIC has no room for, more than two packets, a window that an application has opened.
 */
final class AcknowledgementDelay {
    static final long NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private static final int MOST_PACKETS = 2;

    private final EventExecutor eventLoop;
    private final Runnable send;

    /** Packets that have come since QUIC has sent. */
    private int packets;

    private boolean urgent;

    /** Writes of which QUIC has not taken all. */
    private int unsent;

    private boolean waiting;
    private long waitingSince;
    private boolean timerRuns;

    /** @param send has QUIC send */
    AcknowledgementDelay(EventExecutor eventLoop, Runnable send) {
        this.eventLoop = eventLoop;
        this.send = send;
    }

    /** A packet has come for QUIC. */
    void received(boolean longHeader) {
        packets++;
        // Of a handshake.
        urgent |= longHeader;
    }

    /** QUIC has all packets that one read has brought. */
    void readComplete() {
        if (packets == 0 || packets > MOST_PACKETS || urgent || unsent > 0) {
            send();
        } else if (!waiting) {
            waiting = true;
            waitingSince = eventLoop.ticker().nanoTime();
            startTimer(NANOS);
        }
    }

    /** The application begins to write something. */
    void writing() {
        unsent++;
    }

    /** QUIC has taken what was written, or never will. */
    void written() {
        unsent--;
    }

    /** There is something to send. If that was put off, it leaves when what else there is to do has been done, as that may be more of it. */
    void due() {
        if (packets > 0 && !urgent) {
            urgent = true;
            if (waiting) {
                eventLoop.execute(this::sendIfWaiting);
            }
        }
    }

    /** Somebody takes more from a stream, for which the other side may be waiting. */
    void windowOpened() {
        if (waiting) {
            due();
        }
    }

    private void sendIfWaiting() {
        if (waiting) {
            send();
        }
    }

    private void send() {
        waiting = false;
        packets = 0;
        urgent = false;
        send.run();
    }

    private void startTimer(long nanos) {
        if (!timerRuns) {
            timerRuns = true;
            eventLoop.schedule(this::timeUp, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void timeUp() {
        timerRuns = false;
        if (waiting) {
            // It may have been started for an earlier read.
            long left = waitingSince + NANOS - eventLoop.ticker().nanoTime();
            if (left > 0) {
                startTimer(left);
            } else {
                send();
            }
        }
    }
}
