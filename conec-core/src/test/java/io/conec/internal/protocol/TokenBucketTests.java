package io.conec.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class TokenBucketTests {
    private static final long SECOND = 1_000_000_000;
    /** {@link System#nanoTime} may begin anywhere, below zero too. */
    private static final long START = -7 * SECOND;

    private final TokenBucket bucket = new TokenBucket(100, START);

    @Test
    void beginsFull() {
        assertThat(bucket.take(100, START)).isTrue();
        assertThat(bucket.take(1, START)).isFalse();
    }

    @Test
    void fillsAtItsRate() {
        bucket.take(100, START);

        assertThat(bucket.take(10, START + SECOND / 10 - SECOND / 1_000)).isFalse();
        assertThat(bucket.take(10, START + SECOND / 10)).isTrue();
        assertThat(bucket.take(1, START + SECOND / 10)).isFalse();
    }

    @Test
    void holdsNoMoreThanOneSecondsWorth() {
        bucket.take(100, START);

        assertThat(bucket.take(101, START + 60 * SECOND)).isFalse();
        assertThat(bucket.take(100, START + 60 * SECOND)).isTrue();
        assertThat(bucket.take(1, START + 60 * SECOND)).isFalse();
    }

    @Test
    void takesAllOrNothing() {
        assertThat(bucket.take(101, START)).isFalse();
        assertThat(bucket.take(60, START)).isTrue();
        assertThat(bucket.take(41, START)).isFalse();
        assertThat(bucket.take(40, START)).isTrue();
    }

    @Property
    void neverAllowsMoreThanBurstAndRate(
            @ForAll @LongRange(min = 1, max = 1_000_000) long perSecond,
            @ForAll @Size(max = 60) List<@IntRange(max = 2_000) Integer> steps) {
        TokenBucket limited = new TokenBucket(perSecond, START);
        long now = START;
        long taken = 0;
        for (int step : steps) {
            now += step * (SECOND / 1_000);
            long units = 1L + step % 97;
            taken += limited.take(units, now) ? units : 0;

            double allowed = perSecond + (double) (now - START) / SECOND * perSecond;
            assertThat((double) taken).isLessThanOrEqualTo(allowed * (1 + 1e-9) + 1e-6);
        }
    }
}
