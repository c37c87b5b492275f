package io.conec.benchmarks.report;

/**
 * One measured number.
 *
 * @param round 0 for the round that is thrown away
 */
public record Row(String workload, String system, int size, String metric, double value, String unit, int round) {
    /** Other people's programs during a measurement, in processors. */
    public static final String FOREIGN_CPU = "foreign-cpu";

    /** The machine's load average at the end of a measurement. */
    public static final String LOAD = "load";

    /** Whether it tells of the circumstances of a measurement. */
    boolean isCircumstance() {
        return metric.equals(FOREIGN_CPU) || metric.equals(LOAD);
    }
}
