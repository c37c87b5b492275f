package io.conec.client;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;

/** Time that passes only when everything at that moment has happened, and datagrams that get lost, late, twice and out of order on their way through NATs. */
final class SimulatedNetwork {
    /** What stands between a host and the others. All but OPEN filter by address and port (RFC 4787, section 5). */
    enum Nat {
        /** No NAT, no firewall. */
        OPEN,
        /** One external address for all destinations. */
        ENDPOINT_INDEPENDENT,
        /** Another external port for each destination. */
        SYMMETRIC;

        /** Whether two hosts behind these can find a direct path. */
        static boolean canBePunched(Nat a, Nat b) {
            return a == OPEN || b == OPEN || (a == ENDPOINT_INDEPENDENT && b == ENDPOINT_INDEPENDENT);
        }
    }

    /** One host with one socket behind its own NAT. */
    final class Host {
        final String name;
        final Nat nat;
        final BiConsumer<Object, InetSocketAddress> receiver;
        final Map<Object, InetSocketAddress> mappings = new HashMap<>();
        final Set<InetSocketAddress> permitted = new HashSet<>();
        InetAddress external;
        InetAddress internal;

        Host(String name, Nat nat, BiConsumer<Object, InetSocketAddress> receiver) {
            this.name = name;
            this.nat = nat;
            this.receiver = receiver;
            this.external = address(203);
            this.internal = nat == Nat.OPEN ? external : address(10);
        }

        InetSocketAddress mapped(InetSocketAddress to) {
            Object key = nat == Nat.SYMMETRIC ? List.of(external, to) : external;
            return mappings.computeIfAbsent(key, made -> {
                InetSocketAddress address =
                        new InetSocketAddress(external, nat == Nat.OPEN ? PORT : 1024 + random.nextInt(60_000));
                hosts.put(address, this);
                return address;
            });
        }

        /** Another address, and nothing arrives at the old ones any more. */
        void move() {
            unplug();
            external = address(203);
            internal = nat == Nat.OPEN ? external : address(10);
        }

        /** Nothing arrives any more. */
        void unplug() {
            hosts.values().removeIf(host -> host == this);
            mappings.clear();
            permitted.clear();
        }
    }

    private record Event(long at, long number, Runnable action) {}

    static final int PORT = 4_000;
    static final InetSocketAddress COORDINATOR = new InetSocketAddress(bytes(198, 51, 100, 1), 1_719);

    final Random random;
    /** Directions, by the names of the hosts, in which nothing arrives. */
    final Set<List<String>> cut = new HashSet<>();

    double loss;
    double duplication;
    /** How much of what goes from client to client somebody overhears, and repeats from another address, past all NATs. */
    double repetition;

    int longestDelay = 5;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>((a, b) -> a.at != b.at ? Long.compare(a.at, b.at) : Long.compare(a.number, b.number));
    private final Map<InetSocketAddress, Host> hosts = new LinkedHashMap<>();
    private final boolean traced;
    private BiConsumer<Object, InetSocketAddress> coordinator = (datagram, from) -> {};
    private long now = 1_000_000;
    private long lastEvent;
    private int lastAddress;
    private long steps;

    SimulatedNetwork(Random random, boolean traced) {
        this.random = random;
        this.traced = traced;
    }

    long now() {
        return now;
    }

    long happened() {
        return steps;
    }

    void trace(String what) {
        if (traced) {
            System.out.printf("%8d  %s%n", now - 1_000_000, what);
        }
    }

    boolean isTraced() {
        return traced;
    }

    void at(long time, Runnable action) {
        events.add(new Event(Math.max(time, now), ++lastEvent, action));
    }

    void in(long millis, Runnable action) {
        at(now + millis, action);
    }

    void runUntil(long time) {
        for (Event next = events.peek(); next != null && next.at <= time; next = events.peek()) {
            events.poll();
            now = next.at;
            steps++;
            next.action.run();
        }
        now = time;
    }

    void coordinator(BiConsumer<Object, InetSocketAddress> receiver) {
        coordinator = receiver;
    }

    Host host(String name, Nat nat, BiConsumer<Object, InetSocketAddress> receiver) {
        return new Host(name, nat, receiver);
    }

    boolean isCut(String from, String to) {
        return cut.contains(List.of(from, to));
    }

    void send(Host from, Object datagram, InetSocketAddress to) {
        InetSocketAddress source = from.mapped(to);
        from.permitted.add(to);
        if (to.equals(COORDINATOR)) {
            travel(from.name, "coordinator", () -> coordinator.accept(datagram, source));
        } else {
            deliver(from.name, datagram, source, to);
        }
    }

    void sendFromCoordinator(Object datagram, InetSocketAddress to) {
        deliver("coordinator", datagram, COORDINATOR, to);
    }

    private void deliver(String from, Object datagram, InetSocketAddress source, InetSocketAddress to) {
        Host host = hosts.get(to);
        if (host == null) {
            return;
        }
        if (!from.equals("coordinator") && random.nextDouble() < repetition) {
            InetSocketAddress borrowed = random.nextBoolean() || hosts.isEmpty()
                    ? new InetSocketAddress(bytes(192, 0, 2, random.nextInt(256)), 1 + random.nextInt(65_535))
                    : pick(random, List.copyOf(hosts.keySet()));
            in(random.nextInt(10_000), () -> {
                if (hosts.get(to) == host) {
                    host.receiver.accept(datagram, borrowed);
                }
            });
        }
        travel(from, host.name, () -> {
            boolean passes = host.nat == Nat.OPEN || host.permitted.contains(source);
            // A symmetric NAT lets in only what its mapping was made for.
            boolean mapped = host.nat != Nat.SYMMETRIC || to.equals(host.mappings.get(List.of(host.external, source)));
            if (hosts.get(to) == host && passes && mapped) {
                host.receiver.accept(datagram, source);
            }
        });
    }

    private void travel(String from, String to, Runnable arrive) {
        int copies = random.nextDouble() < duplication ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            if (random.nextDouble() >= loss) {
                in(5 + random.nextInt(longestDelay), () -> {
                    if (!isCut(from, to)) {
                        arrive.run();
                    }
                });
            }
        }
    }

    private InetAddress address(int first) {
        lastAddress++;
        return bytes(first, 0, lastAddress >> 8, lastAddress & 0xff);
    }

    private static InetAddress bytes(int a, int b, int c, int d) {
        try {
            return InetAddress.getByAddress(new byte[] {(byte) a, (byte) b, (byte) c, (byte) d});
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    static <T> T pick(Random random, List<T> from) {
        return new ArrayList<>(from).get(random.nextInt(from.size()));
    }
}
