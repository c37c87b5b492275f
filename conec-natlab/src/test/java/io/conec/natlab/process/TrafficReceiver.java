package io.conec.natlab.process;

import io.conec.ConecMessage;
import io.conec.ConecStream;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a stream of numbered messages to its end and keeps account of each that is not the one that was to come. Safe for several threads. */
final class TrafficReceiver implements Runnable {
    private static final int FIRST_TIMES = 1024;

    private final ConecStream stream;
    private final TrafficMessages messages;
    private long received;
    private long bytes;
    private long damaged;
    private long skipped;
    private long misplaced;
    private long next;
    private boolean lastSeen;
    private boolean finished;
    private @Nullable Throwable failure;
    private long[] times = new long[FIRST_TIMES];

    TrafficReceiver(ConecStream stream, long seed) {
        this.stream = stream;
        this.messages = new TrafficMessages(seed);
    }

    @Override
    public void run() {
        try {
            for (Optional<ConecMessage> message = stream.receive(); message.isPresent(); message = stream.receive()) {
                account(message.get().bytes(), System.nanoTime());
            }
            end(lastSeen ? null : new IllegalStateException("the stream ended before its last message"));
        } catch (RuntimeException e) {
            end(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end(e);
        }
    }

    private synchronized void account(byte[] message, long now) {
        if (received == times.length) {
            times = Arrays.copyOf(times, 2 * times.length);
        }
        times[(int) received++] = now;
        bytes += message.length;
        TrafficMessages.Parsed parsed = messages.parse(message);
        if (!parsed.whole()) {
            damaged++;
        } else if (parsed.number() < next || lastSeen) {
            misplaced++;
        } else {
            skipped += parsed.number() - next;
            next = parsed.number() + 1;
            lastSeen = parsed.last();
        }
    }

    private synchronized void end(@Nullable Throwable cause) {
        failure = cause;
        finished = true;
    }

    synchronized boolean isFinished() {
        return finished;
    }

    /** Why reading ended other than with the last message; null if it did or goes on. */
    synchronized @Nullable Throwable failure() {
        return failure;
    }

    synchronized long received() {
        return received;
    }

    synchronized long bytes() {
        return bytes;
    }

    /** Messages that are not what was sent on this stream. */
    synchronized long damaged() {
        return damaged;
    }

    /** Messages that were left out. */
    synchronized long skipped() {
        return skipped;
    }

    /** Messages that came twice, or behind a later one. */
    synchronized long misplaced() {
        return misplaced;
    }

    /** When the first message after that moment arrived, as {@link System#nanoTime()}, which Linux counts alike in all processes; 0 if none has. */
    synchronized long firstAfter(long nanoTime) {
        for (int i = 0; i < received; i++) {
            if (times[i] - nanoTime > 0) {
                return times[i];
            }
        }
        return 0;
    }

    /** The longest time without a message so far. */
    synchronized long longestGapNanos() {
        long longest = 0;
        for (int i = 1; i < received; i++) {
            longest = Math.max(longest, times[i] - times[i - 1]);
        }
        return longest;
    }
}
