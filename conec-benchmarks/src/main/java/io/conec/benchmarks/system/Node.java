package io.conec.benchmarks.system;

import java.util.Map;

/** Something that runs in a process of its own until it is closed. */
public interface Node extends AutoCloseable {
    @Override
    void close();

    /** What the other processes have to know, such as ports. */
    default Map<String, String> announcement() {
        return Map.of();
    }

    /** Packets that it has relayed so far. */
    default long relayedPackets() {
        return 0;
    }
}
