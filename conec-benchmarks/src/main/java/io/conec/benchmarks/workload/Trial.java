package io.conec.benchmarks.workload;

import java.util.List;

/** A system that is set up for a workload. */
public interface Trial extends AutoCloseable {
    @Override
    void close();

    /** Measures once. */
    List<Figure> measure(int size) throws Exception;
}
