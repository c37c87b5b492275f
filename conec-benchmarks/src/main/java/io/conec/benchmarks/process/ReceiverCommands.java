package io.conec.benchmarks.process;

import io.conec.benchmarks.system.Node;
import java.util.List;

/** {@code counts}: of everything received; {@code memory}: of this process; {@code relayed}: packets, and what network threads allocated. */
final class ReceiverCommands implements Commands {
    private static final String NETWORK_THREADS = "conec-";

    private final TrafficService service;
    private final Node node;

    ReceiverCommands(TrafficService service, Node node) {
        this.service = service;
        this.node = node;
    }

    @Override
    public Fields handle(List<String> words) {
        return switch (words.get(0)) {
            case "counts" -> service.counts();
            case "relayed" ->
                Fields.of(
                        "packets", node.relayedPackets(),
                        "allocated", Allocation.bytesOfThreads(NETWORK_THREADS));
            case "memory" -> Memory.now();
            default -> throw new IllegalArgumentException(words.toString());
        };
    }
}
