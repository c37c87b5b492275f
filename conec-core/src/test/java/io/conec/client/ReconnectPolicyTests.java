package io.conec.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.conec.ConecException;
import io.conec.ErrorCode;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReconnectPolicyTests {
    /** Half-way between the longest and the shortest: as if there were no jitter. */
    private static final double MIDDLE = 0.5;

    @ParameterizedTest
    @CsvSource({"0, 200", "1, 400", "2, 800", "6, 12800", "7, 15000", "8, 15000", "2147483647, 15000"})
    void byDefaultTheWaitDoublesFrom200MillisecondsTo15Seconds(int failures, long millis) {
        assertThat(ReconnectPolicy.DEFAULTS.delay(failures, MIDDLE)).isEqualTo(Duration.ofMillis(millis));
    }

    @Test
    void theJitterIsAPartOfTheWaitInBothDirections() {
        assertThat(ReconnectPolicy.DEFAULTS.delay(0, 0)).isEqualTo(Duration.ofMillis(140));
        assertThat(ReconnectPolicy.DEFAULTS.delay(0, 1)).isEqualTo(Duration.ofMillis(260));
        assertThat(ReconnectPolicy.DEFAULTS.delay(99, 1)).isEqualTo(Duration.ofMillis(19_500));
    }

    @Property
    void theWaitStaysWithinItsBounds(
            @ForAll @IntRange(min = 1, max = 10_000) int initialMillis,
            @ForAll @IntRange(max = 100_000) int moreMillis,
            @ForAll @DoubleRange(min = 1, max = 10) double multiplier,
            @ForAll @DoubleRange(min = 0, max = 1) double jitter,
            @ForAll @IntRange int failures,
            @ForAll @DoubleRange(min = 0, max = 1) double random) {
        Duration initial = Duration.ofMillis(initialMillis);
        Duration max = initial.plusMillis(moreMillis);
        ReconnectPolicy policy = new ReconnectPolicy(initial, max, multiplier, jitter);

        double millis = policy.delay(failures, random).toMillis();

        assertThat(millis)
                .isBetween(Math.floor(initialMillis * (1 - jitter)), Math.ceil(max.toMillis() * (1 + jitter)));
        assertThat(policy.delay(failures, MIDDLE)).isBetween(initial, max);
    }

    @Property
    void theWaitNeverGetsShorterWithFailures(
            @ForAll @IntRange(max = 100) int failures, @ForAll @DoubleRange(min = 0, max = 1) double random) {
        assertThat(ReconnectPolicy.DEFAULTS.delay(failures + 1, random))
                .isGreaterThanOrEqualTo(ReconnectPolicy.DEFAULTS.delay(failures, random));
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S,        PT1S, 2,   0.3, initialDelay",
        "PT-1S,       PT1S, 2,   0.3, initialDelay",
        "PT0.0009S,   PT1S, 2,   0.3, initialDelay",
        "PT2S,        PT1S, 2,   0.3, maxDelay",
        "PT1S,        PT1S, 0.9, 0.3, multiplier",
        "PT1S,        PT1S, NaN, 0.3, multiplier",
        "PT1S,        PT1S, 2,  -0.1, jitter",
        "PT1S,        PT1S, 2,   1.1, jitter",
        "PT1S,        PT1S, 2,   NaN, jitter",
    })
    void aContradictionIsNamed(Duration initial, Duration max, double multiplier, double jitter, String setting) {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> new ReconnectPolicy(initial, max, multiplier, jitter))
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION)
                .withMessageStartingWith(setting + " has to be ");
    }

    @ParameterizedTest
    @CsvSource({"PT0.001S, PT0.001S, 1, 0", "PT1S, PT1S, 1, 1", "PT1S, PT1H, 100, 0.5"})
    void theLimitsThemselvesAreAllowed(Duration initial, Duration max, double multiplier, double jitter) {
        assertThat(new ReconnectPolicy(initial, max, multiplier, jitter).delay(0, MIDDLE))
                .isEqualTo(initial);
    }
}
