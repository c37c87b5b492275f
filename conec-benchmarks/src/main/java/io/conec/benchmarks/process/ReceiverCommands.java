package io.conec.benchmarks.process;

import java.util.List;

/** {@code counts}: of everything received; {@code memory}: of this process. */
final class ReceiverCommands implements Commands {
    private final TrafficService service;

    ReceiverCommands(TrafficService service) {
        this.service = service;
    }

    @Override
    public Fields handle(List<String> words) {
        return switch (words.get(0)) {
            case "counts" -> service.counts();
            case "memory" -> Memory.now();
            default -> throw new IllegalArgumentException(words.toString());
        };
    }
}
