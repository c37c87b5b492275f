package io.conec.benchmarks.system;

import io.conec.client.PathPolicy;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** All of them, in the order of tables. */
public final class Systems {
    public static final List<BenchSystem> ALL = List.of(
            new ConecPeerSystem("conec-direct", "conec, direct", PathPolicy.DIRECT_ONLY),
            new ConecPeerSystem("conec-relayed", "conec, relayed", PathPolicy.RELAY_ONLY),
            new ConecCoordinatorSystem(),
            new QuicSystem("quic", "Netty QUIC, coalesced", QuicSystem.Sending.COALESCED),
            new QuicSystem("quic-flush", "Netty QUIC, a flush a message", QuicSystem.Sending.FLUSHED),
            new QuicSystem(
                    "quic-threaded",
                    "Netty QUIC, messages taken by a thread of the application",
                    QuicSystem.Sending.COALESCED,
                    QuicSystem.Taking.OWN_THREAD),
            new QuicForwardedSystem(),
            new TcpSystem(),
            new Cubic(new TcpSystem()),
            new RSocketSystem(RSocketSystem.Handling.EVENT_LOOP),
            new RSocketSystem(RSocketSystem.Handling.BOUNDED_ELASTIC),
            new Cubic(new RSocketSystem(RSocketSystem.Handling.EVENT_LOOP)),
            new GrpcSystem(),
            new Cubic(new GrpcSystem()),
            new NatsSystem());

    private Systems() {}

    /**
     * The system of that id.
     *
     * @throws IllegalArgumentException naming those that there are
     */
    public static BenchSystem of(String id) {
        return ALL.stream()
                .filter(system -> system.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no system \"" + id + "\"; there are "
                        + ALL.stream().map(BenchSystem::id).collect(Collectors.joining(", "))));
    }

    public static List<BenchSystem> of(String... ids) {
        return Arrays.stream(ids).map(Systems::of).toList();
    }

    /** Those with all of these abilities. */
    public static List<BenchSystem> with(BenchSystem.Ability... abilities) {
        return ALL.stream()
                .filter(system -> system.abilities().containsAll(Arrays.asList(abilities)))
                .toList();
    }
}
