package io.conec.benchmarks.workload;

/** One measured number. */
public record Figure(String metric, double value, String unit) {}
