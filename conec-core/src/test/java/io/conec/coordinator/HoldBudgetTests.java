package io.conec.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class HoldBudgetTests {
    private final HoldBudget budget = new HoldBudget(0);

    @Test
    void lastsAMoment() {
        budget.update(millis(1_000), true);

        assertThat(budget.update(millis(1_099), true)).isEqualTo(millis(1));
        assertThat(budget.update(millis(1_100), true)).isZero();
    }

    @Test
    void comesBackSlowly() {
        budget.update(0, true);
        assertThat(budget.update(millis(100), false)).isZero();

        assertThat(budget.update(millis(200), false)).isEqualTo(millis(5));
        assertThat(budget.update(millis(1_100), false)).isEqualTo(millis(50));
        assertThat(budget.update(millis(100_000), false))
                .as("not more than at first")
                .isEqualTo(millis(100));
    }

    @Test
    void isAShareOfTheTimeInTheLongRun() {
        long held = 0;
        long now = 0;
        for (int i = 0; i < 1_000; i++) {
            boolean spend = budget.update(now, false) > 0;
            budget.update(now, spend);
            now += millis(20);
            held += spend ? millis(20) : 0;
        }
        assertThat((double) held / now).isLessThan(0.07);
    }

    private static long millis(long value) {
        return Duration.ofMillis(value).toNanos();
    }
}
