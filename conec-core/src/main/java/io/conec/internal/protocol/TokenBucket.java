package io.conec.internal.protocol;

import java.util.concurrent.TimeUnit;

/** Allows so many units a second, with bursts of one second's worth. Pure: time comes in. */
public final class TokenBucket {
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

    private final double perSecond;
    private double tokens;
    private long filledAt;

    public TokenBucket(long perSecond, long nowNanos) {
        this.perSecond = perSecond;
        this.tokens = perSecond;
        this.filledAt = nowNanos;
    }

    /** Takes that many units; false, and none taken, if there are not as many. */
    public boolean take(long units, long nowNanos) {
        tokens = Math.min(perSecond, tokens + (nowNanos - filledAt) / NANOS * perSecond);
        filledAt = nowNanos;
        if (tokens < units) {
            return false;
        }
        tokens -= units;
        return true;
    }
}
