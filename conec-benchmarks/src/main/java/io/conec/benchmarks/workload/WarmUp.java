package io.conec.benchmarks.workload;

import io.conec.benchmarks.system.BenchSystem;

/**
 * Runs one system at one size until it is as fast as it gets: until what is measured first, the rate as a rule, rises no more, and the compilers have done. Two JVMs on two cores go on compiling for long.
 */
final class WarmUp {
    /** What counts as faster than before, and is no noise. */
    private static final double RISE = 1.05;

    /** What compilers take, in processors, when a program is as fast as it gets. */
    private static final double COMPILED = 0.05;

    private final BenchSystem system;
    private final int size;
    private final RunSettings settings;
    private double best;
    private double compiling = 1;
    private long measuredNanos;
    private long nanosWhenRisen;

    WarmUp(BenchSystem system, int size, RunSettings settings) {
        this.system = system;
        this.size = size;
        this.settings = settings;
    }

    BenchSystem system() {
        return system;
    }

    int size() {
        return size;
    }

    boolean isOver() {
        return measuredNanos >= settings.longestWarmUp().toNanos()
                || (measuredNanos - nanosWhenRisen >= settings.warmWithoutRise().toNanos() && compiling <= COMPILED);
    }

    void measure(Trial trial) throws Exception {
        long began = System.nanoTime();
        long compiled = Machine.compilerNanosOfChildren();
        double rate = trial.measure(size).get(0).value();
        long took = System.nanoTime() - began;
        measured(rate, took, (double) (Machine.compilerNanosOfChildren() - compiled) / took);
    }

    /** That the system had this rate for so long, while the compilers took so many processors. */
    void measured(double rate, long nanos, double compiling) {
        this.compiling = compiling;
        measuredNanos += nanos;
        if (rate > best * RISE) {
            best = rate;
            nanosWhenRisen = measuredNanos;
        }
    }
}
