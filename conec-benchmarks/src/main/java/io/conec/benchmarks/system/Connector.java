package io.conec.benchmarks.system;

import java.util.concurrent.CompletionStage;

/** Makes any number of connections from one process, each as from a client of its own. */
public interface Connector extends Node {
    /** Makes what a connection of that name needs and would have anyway, such as a key. */
    default void prepare(String name) {}

    /** Makes one; completes when it can be used. */
    CompletionStage<AutoCloseable> connect(String name) throws Exception;
}
