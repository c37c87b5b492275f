package io.conec.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.benchmarks.system.BenchSystem.Ability;
import io.conec.benchmarks.system.Systems;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When a system counts as warm. No clock is asked here. */
final class WarmUpTests {
    private static final double BUSY = 0.5;
    private static final double IDLE = 0.01;

    private final WarmUp warmUp = new WarmUp(
            Systems.with(Ability.CONNECTIONS).get(0), 64, new RunSettings(false, 2, Path.of("unused"), List.of()));

    @Test
    void isOverWhenTheRateHasNotRisenForSixSecondsAndTheCompilersAreDone() {
        measuredForSeconds(1, 100, IDLE);
        measuredForSeconds(5, 104, IDLE);
        assertThat(warmUp.isOver()).isFalse();

        measuredForSeconds(1, 104, IDLE);

        assertThat(warmUp.isOver()).isTrue();
    }

    @Test
    void startsAnewWhenTheRateRises() {
        measuredForSeconds(6, 100, IDLE);
        measuredForSeconds(1, 106, IDLE);
        measuredForSeconds(5, 90, IDLE);
        assertThat(warmUp.isOver()).isFalse();

        measuredForSeconds(1, 90, IDLE);

        assertThat(warmUp.isOver()).isTrue();
    }

    @Test
    void goesOnWhileTheCompilersWork() {
        measuredForSeconds(20, 100, BUSY);
        assertThat(warmUp.isOver()).isFalse();

        measuredForSeconds(1, 100, IDLE);

        assertThat(warmUp.isOver()).isTrue();
    }

    @Test
    void isOverAfterAMinuteWhateverHappens() {
        for (int second = 1; second < 60; second++) {
            measuredForSeconds(1, Math.pow(1.1, second), BUSY);
            assertThat(warmUp.isOver()).isFalse();
        }

        measuredForSeconds(1, Math.pow(1.1, 60), BUSY);

        assertThat(warmUp.isOver()).isTrue();
    }

    private void measuredForSeconds(int seconds, double rate, double compiling) {
        for (int second = 0; second < seconds; second++) {
            warmUp.measured(rate, TimeUnit.SECONDS.toNanos(1), compiling);
        }
    }
}
