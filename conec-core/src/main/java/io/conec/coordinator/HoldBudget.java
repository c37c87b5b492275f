package io.conec.coordinator;

import java.time.Duration;

/**
 * How long members of a group that do not block may hold its senders up: a moment, so that a burst costs nobody anything, and in the long run a small share of the time, all of them together.
 * Pure: time comes in.
 */
final class HoldBudget {
    /** A round trip to most places, and little even where it is all that is measured. */
    private static final long MAX_NANOS = Duration.ofMillis(100).toNanos();

    /** One part in so many: half of the tenth that slow members may cost the others. */
    private static final int SHARE = 20;

    private long left = MAX_NANOS;
    private long updatedAt;
    private boolean spending;

    HoldBudget(long now) {
        updatedAt = now;
    }

    /** From now on it is spent, or saved up again; tells how much is left, not more than 0 when it is used up. */
    long update(long now, boolean spend) {
        long elapsed = now - updatedAt;
        left = spending ? left - elapsed : Math.min(MAX_NANOS, left + elapsed / SHARE);
        updatedAt = now;
        spending = spend;
        return left;
    }
}
