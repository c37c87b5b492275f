package io.conec.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/**
 * Thousands of schedules against {@link PeerIntroductions}, {@link PathMachine} and the coordinator's {@code Introductions}, in time that costs nothing. A failure names its seed.
 * {@code -Dconec.simulation.seed=N} runs that one with a trace; {@code -Dconec.simulation.first=N} begins with another than seed 1, {@code -Dconec.simulation.schedules=N}
 * runs more or fewer.
 */
final class SimulationTests {
    private static final int SCHEDULES = 1_500;

    @Test
    void everythingIsWellAgainAfterAnySchedule() {
        Long seed = Long.getLong("conec.simulation.seed");
        if (seed != null) {
            run(seed, true);
            return;
        }
        long first = Long.getLong("conec.simulation.first", 1);
        int schedules = Integer.getInteger("conec.simulation.schedules", SCHEDULES);
        int opened = 0;
        int failed = 0;
        int direct = 0;
        for (int i = 0; i < schedules; i++) {
            Simulation simulation = run(first + i, false);
            opened += simulation.opened;
            failed += simulation.failed;
            direct += simulation.direct;
        }
        // Else nothing was simulated.
        assertThat(opened).isGreaterThan(10 * schedules);
        assertThat(failed).isGreaterThan(schedules / 2);
        assertThat(direct).isGreaterThan(schedules);
    }

    private static Simulation run(long seed, boolean traced) {
        Simulation simulation = new Simulation(seed, traced);
        try {
            simulation.run();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
        return simulation;
    }
}
