package io.conec.client;

import io.conec.ConecException;
import io.conec.ErrorCode;
import java.time.Duration;

/**
 * How long a client waits before it tries to reach its coordinator again: exponential back-off with jitter. The n-th wait (from 0) is
 * {@code min(maxDelay, initialDelay * multiplier^n)}, made shorter or longer by a random part of up to {@code jitter}, so that the clients of a restarted
 * coordinator do not all come back at once. A link that was registered resets n.
 *
 * @param initialDelay default 200 ms, at least 1 ms
 * @param maxDelay default 15 s
 * @param multiplier at least 1, default 2
 * @param jitter 0 to 1, default 0.3
 */
public record ReconnectPolicy(Duration initialDelay, Duration maxDelay, double multiplier, double jitter) {
    /** The defaults named above. */
    public static final ReconnectPolicy DEFAULTS =
            new ReconnectPolicy(Duration.ofMillis(200), Duration.ofSeconds(15), 2, 0.3);

    /** @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION}, naming the setting */
    public ReconnectPolicy {
        if (initialDelay.toMillis() < 1) {
            throw new ConecException(ErrorCode.INVALID_CONFIGURATION, "initialDelay has to be at least 1 ms");
        }
        if (maxDelay.compareTo(initialDelay) < 0) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION, "maxDelay has to be at least as long as initialDelay");
        }
        if (!(multiplier >= 1)) {
            throw new ConecException(ErrorCode.INVALID_CONFIGURATION, "multiplier has to be at least 1");
        }
        if (!(jitter >= 0 && jitter <= 1)) {
            throw new ConecException(ErrorCode.INVALID_CONFIGURATION, "jitter has to be between 0 and 1");
        }
    }

    /**
     * The wait before the next attempt.
     *
     * @param failures attempts that failed in a row before this one, from 0
     * @param random uniform between 0 and 1
     */
    Duration delay(int failures, double random) {
        double millis =
                Math.min((double) maxDelay.toMillis(), initialDelay.toMillis() * Math.pow(multiplier, failures));
        return Duration.ofMillis(Math.round(millis * (1 + jitter * (2 * random - 1))));
    }
}
