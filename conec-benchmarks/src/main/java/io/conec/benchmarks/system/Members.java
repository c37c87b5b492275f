package io.conec.benchmarks.system;

/** Clients that receive, each with a connection of its own. */
public interface Members extends Node {
    /**
     * Adds one; returns when it is there.
     *
     * @param stalled whether it takes nothing of what it receives, in a way that does not hold up the others if the system has one
     */
    void join(String name, MessageHandler handler, boolean stalled) throws Exception;
}
