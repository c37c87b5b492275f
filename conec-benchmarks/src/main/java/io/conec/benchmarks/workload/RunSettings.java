package io.conec.benchmarks.workload;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How to run.
 *
 * @param quick a coarse answer in little time
 * @param rounds measured rounds, the first one, which is thrown away, not counted; 0 for what is usual
 * @param work where certificates and logs go
 * @param jvmOptions further options for the measured processes, for example a profiler
 */
public record RunSettings(boolean quick, int rounds, Path work, List<String> jvmOptions) {
    private static final int FULL_ROUNDS = 5;

    /** Of the measured processes, in words. */
    public String jvm() {
        return String.join(" ", Deployment.JVM) + " " + String.join(" ", jvmOptions);
    }

    int roundsThatCount() {
        return rounds > 0 ? rounds : quick ? 1 : FULL_ROUNDS;
    }

    /** For how long in all, its pauses not counted, a system's rate must not have risen before it counts as warm. */
    Duration warmWithoutRise() {
        return quick ? Duration.ofMillis(1500) : Duration.ofSeconds(6);
    }

    /** How long a system may take for that, its pauses not counted, whether its rate rises or not. */
    Duration longestWarmUp() {
        return quick ? Duration.ofMillis(1500) : Duration.ofSeconds(60);
    }

    /** How long something is measured. */
    public Duration window() {
        return quick ? Duration.ofMillis(500) : Duration.ofSeconds(1);
    }

    /** How long it runs before that. */
    public Duration settling() {
        return quick ? Duration.ofMillis(250) : Duration.ofMillis(500);
    }

    /** How long to wait for other people's work on this machine to end. */
    public Duration patienceWithNoise() {
        return quick ? Duration.ZERO : Duration.ofSeconds(30);
    }
}
