package io.conec.benchmarks.report;

import io.conec.benchmarks.report.Results.Place;
import java.util.List;
import java.util.Optional;

/**
 * What conec has to reach.
 *
 * @param what in words
 * @param first where conec was measured
 * @param second what the ratio is to; the same place as {@code first} if the number itself counts
 * @param atLeast whether the limit is a lower one
 */
public record Target(String what, Place first, Place second, String metric, boolean atLeast, double limit) {
    private static final String RAW_QUIC = "quic";

    /** What is asked for, of this metric. */
    static Target ratio(
            String what, String workload, int size, String metric, String conec, String other, String limit) {
        return new Target(
                what,
                new Place(workload, conec, size),
                new Place(workload, other, size),
                metric,
                limit.startsWith(">"),
                Double.parseDouble(limit.substring(2)));
    }

    static Target absolute(String what, String workload, int size, String metric, String conec, String limit) {
        return ratio(what, workload, size, metric, conec, conec, limit);
    }

    boolean isRatio() {
        return !first.equals(second);
    }

    /** Whether that system has to be measured at that workload for it. */
    public boolean concerns(String workload, String system) {
        return List.of(first, second).stream()
                .anyMatch(place ->
                        place.workload().equals(workload) && place.system().equals(system));
    }

    /** What was measured; empty if it was not. */
    Optional<Summary> measured(Results results) {
        return isRatio() ? results.ratio(first, second, metric) : results.summary(first, metric);
    }

    /** What Netty's QUIC has in conec's place, and behind a UDP forwarder in that of a relay: what is built on it gets no further. Empty where it is what conec is compared to. */
    Optional<Summary> ofRawQuic(Results results) {
        if (!isRatio() || second.system().startsWith(RAW_QUIC)) {
            return Optional.empty();
        }
        return results.ratio(raw(first), second.system().startsWith("conec") ? raw(second) : second, metric);
    }

    private static Place raw(Place place) {
        String system = place.system().equals("conec-relayed") ? "quic-forwarded" : RAW_QUIC;
        return new Place(place.workload(), system, place.size());
    }

    boolean isReachedBy(Summary summary) {
        return atLeast ? summary.median() >= limit : summary.median() <= limit;
    }

    String limitText() {
        return (atLeast ? "at least " : "at most ") + Summary.number(limit);
    }

    /** Those of the project's issue 5, and beside some of them what most hosts have, or an equal. */
    public static final List<Target> ALL = List.of(
            ratio(
                    "direct throughput, 1 KiB, against raw Netty QUIC",
                    "throughput",
                    1024,
                    "bytes",
                    "conec-direct",
                    "quic",
                    ">=0.9"),
            ratio(
                    "direct throughput, 64 KiB, against raw Netty QUIC",
                    "throughput",
                    65536,
                    "bytes",
                    "conec-direct",
                    "quic",
                    ">=0.9"),
            ratio(
                    "64 B messages a second against raw Netty QUIC, coalesced",
                    "throughput",
                    64,
                    "messages",
                    "conec-direct",
                    "quic",
                    ">=0.5"),
            ratio("64 B messages a second against NATS", "throughput", 64, "messages", "conec-direct", "nats", ">=1"),
            ratio("64 B messages a second against gRPC", "throughput", 64, "messages", "conec-direct", "grpc", ">=1"),
            ratio(
                    "64 B ping-pong, p50, against raw Netty QUIC, both with the application's code off the event loop",
                    "ping-pong",
                    64,
                    "closed-p50",
                    "conec-direct",
                    "quic-threaded",
                    "<=1.25"),
            ratio(
                    "64 B ping-pong, p99, against raw Netty QUIC, both with the application's code off the event loop",
                    "ping-pong",
                    64,
                    "closed-p99",
                    "conec-direct",
                    "quic-threaded",
                    "<=1.5"),
            ratio(
                    "64 B ping-pong, p50, against raw Netty QUIC on its event loop",
                    "ping-pong",
                    64,
                    "closed-p50",
                    "conec-direct",
                    "quic",
                    "<=1.25"),
            ratio(
                    "64 B ping-pong, p99, against raw Netty QUIC on its event loop",
                    "ping-pong",
                    64,
                    "closed-p99",
                    "conec-direct",
                    "quic",
                    "<=1.5"),
            ratio(
                    "relayed throughput against direct, 1 KiB",
                    "throughput",
                    1024,
                    "bytes",
                    "conec-relayed",
                    "conec-direct",
                    ">=0.5"),
            ratio(
                    "relayed throughput against direct, 64 KiB",
                    "throughput",
                    65536,
                    "bytes",
                    "conec-relayed",
                    "conec-direct",
                    ">=0.5"),
            ratio(
                    "relayed throughput, 1 KiB, against NATS (wanted: 1.0)",
                    "throughput",
                    1024,
                    "bytes",
                    "conec-relayed",
                    "nats",
                    ">=0.7"),
            ratio(
                    "relayed ping-pong, p50, against NATS",
                    "ping-pong",
                    64,
                    "closed-p50",
                    "conec-relayed",
                    "nats",
                    "<=0.7"),
            ratio(
                    "relayed ping-pong, p99, against NATS",
                    "ping-pong",
                    64,
                    "closed-p99",
                    "conec-relayed",
                    "nats",
                    "<=0.7"),
            ratio(
                    "requests a second, 64 in flight, against RSocket",
                    "requests",
                    64,
                    "requests",
                    "conec-direct",
                    "rsocket",
                    ">=0.7"),
            ratio(
                    "the same, both with the application's code off the event loop",
                    "requests",
                    64,
                    "requests",
                    "conec-direct",
                    "rsocket-threaded",
                    ">=0.7"),
            ratio(
                    "group of 16, 1 KiB, deliveries a second against NATS (wanted: 1.0)",
                    "group-16",
                    1024,
                    "deliveries",
                    "conec-coordinator",
                    "nats",
                    ">=0.5"),
            ratio(
                    "group of 100, 1 KiB, deliveries a second against NATS (wanted: 1.0)",
                    "group-100",
                    1024,
                    "deliveries",
                    "conec-coordinator",
                    "nats",
                    ">=0.5"),
            ratio(
                    "p99 of 20 streams, 1 % loss, 50 ms, against RSocket",
                    "loss-streams", 1024, "open-p99", "conec-direct", "rsocket", "<=0.333"),
            ratio(
                    "p99 of 20 streams, 1 % loss, 50 ms, against gRPC",
                    "loss-streams", 1024, "open-p99", "conec-direct", "grpc", "<=0.333"),
            ratio(
                    "the same, against RSocket over TCP with CUBIC",
                    "loss-streams",
                    1024,
                    "open-p99",
                    "conec-direct",
                    "rsocket-cubic",
                    "<=0.333"),
            ratio(
                    "the same, against gRPC over TCP with CUBIC",
                    "loss-streams",
                    1024,
                    "open-p99",
                    "conec-direct",
                    "grpc-cubic",
                    "<=0.333"),
            ratio(
                    "throughput of one stream, 1 % loss, 50 ms, against TCP with TLS",
                    "loss-1", 65536, "bytes", "conec-direct", "tcp", ">=0.5"),
            ratio(
                    "the same, against TCP with TLS and CUBIC",
                    "loss-1",
                    65536,
                    "bytes",
                    "conec-direct",
                    "tcp-cubic",
                    ">=0.5"),
            absolute(
                    "KiB resident for an idle client at the coordinator, 5,000 clients",
                    "idle-5000",
                    0,
                    "resident-per-client",
                    "conec-coordinator",
                    "<=56"),
            ratio(
                    "connection set-ups a second against raw Netty QUIC, mutual TLS",
                    "set-ups",
                    0,
                    "set-ups",
                    "conec-coordinator",
                    "quic",
                    ">=0.9"),
            absolute(
                    "bytes of garbage for each relayed packet, 1 KiB messages",
                    "throughput",
                    1024,
                    "relay-garbage",
                    "conec-relayed",
                    "<=0"));
}
