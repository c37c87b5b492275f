package io.conec.natlab.process;

import io.conec.ConecChannel;
import io.conec.ConecStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Some streams of one channel that carry numbered messages in both directions, as one of the two sides sees them. Whoever opens a stream tells the other
 * side in its headers what to expect and what to send. Safe for several threads.
 */
final class Traffic {
    /** The name of the streams. */
    static final String STREAM = "traffic";

    private record Lane(TrafficSender sender, TrafficReceiver receiver) {}

    private final List<Lane> lanes = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    /** Opens that many streams, one after the other, and begins to send. */
    void open(ConecChannel channel, String label, int streams, long bytesPerSecond, long maxBytes) {
        List<ConecStream> opened = new ArrayList<>();
        for (int i = 0; i < streams; i++) {
            opened.add(channel.openStream(
                            STREAM,
                            Map.of(
                                    "label",
                                    label,
                                    "seed",
                                    Long.toString(seed(label, i)),
                                    "rate",
                                    Long.toString(bytesPerSecond),
                                    "bytes",
                                    Long.toString(maxBytes)))
                    .join());
        }
        opened.forEach(stream -> add(stream, number(stream, "seed"), ~number(stream, "seed")));
    }

    private static long seed(String label, int stream) {
        return 31L * label.hashCode() + stream;
    }

    /** Takes a stream that the other side has opened. */
    void accept(ConecStream stream) {
        add(stream, ~number(stream, "seed"), number(stream, "seed"));
    }

    private void add(ConecStream stream, long sendSeed, long receiveSeed) {
        Lane lane = new Lane(
                new TrafficSender(stream, sendSeed, number(stream, "rate"), number(stream, "bytes")),
                new TrafficReceiver(stream, receiveSeed));
        lanes.add(lane);
        start(lane.sender(), "sender " + stream.id());
        start(lane.receiver(), "receiver " + stream.id());
    }

    private void start(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        threads.add(thread);
        thread.start();
    }

    private static long number(ConecStream stream, String header) {
        return Long.parseLong(Objects.requireNonNull(stream.headers().get(header), header));
    }

    /** Makes the next message of each stream the last. */
    void stop() {
        lanes.forEach(lane -> lane.sender().stop());
    }

    /** Waits until all is sent, and all that the other side sends is received. */
    void join() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** For each stream, when it received the first message after that moment, 0 if it has not. */
    String firstAfter(long nanoTime) {
        return lanes.stream()
                .map(lane -> Long.toString(lane.receiver().firstAfter(nanoTime)))
                .collect(Collectors.joining(" "));
    }

    /** What was sent and received, as words; the reasons of failures last. */
    String report() {
        String failures = lanes.stream()
                .flatMap(lane ->
                        Stream.of(lane.sender().failure(), lane.receiver().failure()))
                .filter(Objects::nonNull)
                .map(Requests::describe)
                .distinct()
                .collect(Collectors.joining("; "));
        return ("streams=%d finished=%d sent=%d failed=%d pending=%d received=%d bytes=%d damaged=%d skipped=%d misplaced=%d"
                        + " gapMillis=%d failures=%s")
                .formatted(
                        lanes.size(),
                        lanes.stream()
                                .filter(lane -> lane.sender().isFinished()
                                        && lane.receiver().isFinished())
                                .count(),
                        sum(lane -> lane.sender().sent()),
                        sum(lane -> lane.sender().failed()),
                        sum(lane -> lane.sender().pending()),
                        sum(lane -> lane.receiver().received()),
                        sum(lane -> lane.receiver().bytes()),
                        sum(lane -> lane.receiver().damaged()),
                        sum(lane -> lane.receiver().skipped()),
                        sum(lane -> lane.receiver().misplaced()),
                        lanes.stream()
                                        .mapToLong(lane -> lane.receiver().longestGapNanos())
                                        .max()
                                        .orElse(0)
                                / 1_000_000,
                        failures);
    }

    private long sum(ToLongFunction<Lane> count) {
        return lanes.stream().mapToLong(count).sum();
    }
}
