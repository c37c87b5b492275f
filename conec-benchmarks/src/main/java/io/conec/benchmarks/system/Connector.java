package io.conec.benchmarks.system;

import java.util.concurrent.CompletionStage;

/** Makes any number of connections from one process, each as from a client of its own. */
public interface Connector extends Node {
    /** Makes one; completes when it can be used. */
    CompletionStage<AutoCloseable> connect(String name) throws Exception;
}
