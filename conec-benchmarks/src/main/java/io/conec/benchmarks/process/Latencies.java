package io.conec.benchmarks.process;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Durations, to three significant digits. Any thread. */
final class Latencies {
    private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final int DIGITS = 3;

    private final Histogram histogram = new ConcurrentHistogram(MAX_NANOS, DIGITS);

    void add(long nanos) {
        histogram.recordValue(Math.max(0, Math.min(nanos, MAX_NANOS)));
    }

    /** Microseconds. */
    Fields report() {
        return Fields.of(
                "count", histogram.getTotalCount(),
                "p50", micros(50),
                "p99", micros(99),
                "p999", micros(99.9),
                "max", histogram.getMaxValue() / 1e3);
    }

    private double micros(double percentile) {
        return histogram.getValueAtPercentile(percentile) / 1e3;
    }
}
