package io.conec.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.conec.ClientId;
import io.conec.ErrorCode;
import io.conec.client.SimulatedNetwork.Nat;
import io.conec.coordinator.SimulatedCoordinator;
import io.conec.security.Identity;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One schedule, made from a seed: a coordinator and a few clients that open channels and send while links, paths and processes fail; then all faults heal, and everything has to
 * be well again.
 */
final class Simulation {
    private record EndKey(long tag, boolean dialled) {}

    private static final List<String> NAMES = List.of("a", "b", "c", "d");
    private static final Map<String, List<ByteString>> CERTIFICATES = new HashMap<>();
    private static final Map<X509Certificate, ByteString> ENCODED = new HashMap<>();

    /** From the end of all faults until no dead connection is left: idle timeout, and what comes before and after. */
    private static final long SETTLED = 45_000;

    /** Until the search for a direct path has succeeded, where one can be had. */
    private static final long SEARCHED = 40_000;

    private static final long MOVES_AGAIN = 5_000;

    final long seed;
    final SimulatedNetwork network;

    @Nullable
    SimulatedCoordinator coordinator;

    long calmSince = Long.MAX_VALUE;
    private long sendUntil = Long.MAX_VALUE;
    private int introductionsPerSecond;
    int opened;
    int failed;
    int direct;
    private final Random random;
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final Map<EndKey, SimulatedConnection> connections = new HashMap<>();
    private final Map<SimulatedCoordinator.Link, Long> heard = new HashMap<>();
    private long faultsEnd;
    private long lastConnection;

    static {
        for (String name : NAMES) {
            List<ByteString> two = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                two.add(encode(Identity.generate(new ClientId(name)).certificate()));
            }
            CERTIFICATES.put(name, two);
        }
    }

    Simulation(long seed, boolean traced) {
        this.seed = seed;
        this.random = new Random(seed);
        this.network = new SimulatedNetwork(random, traced);
        network.coordinator(this::received);
    }

    void run() {
        network.longestDelay = 5 + random.nextInt(80);
        network.loss = random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.2;
        network.duplication = random.nextInt(3) == 0 ? 0 : random.nextDouble() * 0.1;
        network.repetition = random.nextInt(3) == 0 ? random.nextDouble() * 0.1 : 0;
        introductionsPerSecond = random.nextInt(3) == 0 ? 1 + random.nextInt(5) : 1_000;
        coordinator = new SimulatedCoordinator(random, introductionsPerSecond);
        int count = 3 + random.nextInt(2);
        for (String name : NAMES.subList(0, count)) {
            PathPolicy policy = random.nextInt(6) == 0 ? PathPolicy.DIRECT_ONLY : PathPolicy.AUTO;
            clients.add(new SimulatedClient(this, name, certificates(name).get(0), anyNat(), policy));
        }
        expire();
        long began = network.now();
        faultsEnd = began + 5_000 + random.nextInt(40_000);
        schedule(began);
        network.runUntil(faultsEnd);
        heal();
    }

    // Faults.

    private void schedule(long began) {
        int span = (int) (faultsEnd - began);
        for (int i = 0, openings = 3 + random.nextInt(8); i < openings; i++) {
            network.at(began + random.nextInt(span), this::openSomething);
        }
        for (int i = 0, faults = random.nextInt(random.nextBoolean() ? 6 : 25); i < faults; i++) {
            network.at(began + random.nextInt(span), this::fault);
        }
        for (int i = 0; i < clients.size(); i++) {
            chatter(i);
        }
    }

    private void openSomething() {
        SimulatedClient from = any();
        SimulatedClient to = any();
        if (from.alive && (from != to || random.nextInt(4) == 0)) {
            from.open(to.id);
            if (random.nextInt(3) == 0 && to.alive) {
                network.in(random.nextInt(60), () -> {
                    if (to.alive) {
                        to.open(from.id);
                    }
                });
            }
        }
    }

    private void fault() {
        if (network.now() >= faultsEnd) {
            return;
        }
        SimulatedClient victim = any();
        SimulatedClient other = any();
        switch (random.nextInt(12)) {
            case 0 -> {
                network.trace("the coordinator crashes");
                coordinator = null;
                in(random.nextInt(8_000), this::restartCoordinator);
            }
            case 1, 2 -> cut(victim.name, "coordinator", true);
            case 3 -> cut(victim.name, "coordinator", false);
            case 4 -> restart(victim, false);
            case 5 -> restart(victim, true);
            case 6 -> {
                if (victim.alive) {
                    victim.move();
                }
            }
            case 7 -> cut(victim.name, other.name, true);
            case 8 -> cut(victim.name, other.name, false);
            case 9 -> {
                List<SimulatedConnection> open = victim.openConnections();
                if (victim.alive && !open.isEmpty()) {
                    SimulatedConnection closing = open.get(random.nextInt(open.size()));
                    network.trace(closing.name() + " is closed by the application");
                    closing.close(ErrorCode.NO_ERROR, "", false);
                }
            }
            case 10, 11 -> {
                // A link that comes and goes, while others restore what they have lost.
                for (int i = 0; i < 4; i++) {
                    network.in(random.nextInt(3_000), victim::flap);
                }
            }
            default -> throw new IllegalStateException();
        }
    }

    /** Later, but not later than all faults have healed. */
    private void in(long millis, Runnable action) {
        network.at(Math.min(network.now() + millis, faultsEnd), action);
    }

    private void restartCoordinator() {
        if (coordinator == null) {
            network.trace("the coordinator is back");
            heard.clear();
            coordinator = new SimulatedCoordinator(random, introductionsPerSecond);
        }
    }

    private void cut(String a, String b, boolean bothWays) {
        network.trace("cut from " + a + " to " + b + (bothWays ? " and back" : ""));
        network.cut.add(List.of(a, b));
        if (bothWays) {
            network.cut.add(List.of(b, a));
        }
        in(200 + random.nextInt(random.nextBoolean() ? 3_000 : 25_000), () -> {
            network.trace("heals between " + a + " and " + b);
            network.cut.remove(List.of(a, b));
            network.cut.remove(List.of(b, a));
        });
    }

    private void restart(SimulatedClient victim, boolean newKey) {
        if (!victim.alive) {
            return;
        }
        if (random.nextInt(3) == 0) {
            victim.shutDown();
        } else {
            victim.crash();
        }
        in(random.nextInt(10_000), () -> {
            network.trace(victim.name + " starts again" + (newKey ? " with another key" : ""));
            List<ByteString> both = certificates(victim.name);
            ByteString certificate = newKey == victim.certificate.equals(both.get(0)) ? both.get(1) : both.get(0);
            int index = clients.indexOf(victim);
            clients.set(index, new SimulatedClient(this, victim.name, certificate, victim.host.nat, victim.policy));
            chatter(index);
        });
    }

    /** A client sends in all its channels, sometimes much, sometimes nothing. */
    private void chatter(int index) {
        SimulatedClient client = clients.get(index);
        int pause = network.now() > calmSince && network.now() - calmSince > 5_000
                ? 4_000 + random.nextInt(1_000)
                : sendUntil != Long.MAX_VALUE ? 1_000 : random.nextInt(6) == 0 ? 4_000 : 50 + random.nextInt(600);
        network.in(pause, () -> {
            if (client.alive && clients.get(index) == client && network.now() < sendUntil) {
                client.openConnections().forEach(SimulatedConnection::sendData);
                chatter(index);
            }
        });
    }

    // Healing.

    private void heal() {
        // What was to happen at this moment has happened: all are back.
        network.trace("all faults have healed");
        connections.values().forEach(each -> {
            SimulatedConnection other = otherEnd(each);
            each.mayBeSlow = !each.canComplain() || other == null || !other.canComplain();
            // The rule is for what can be relayed: what may only go directly waits until a path is found again.
            each.mayBeSlow |= each.directOnly;
            // Where the way was whole before the loss ended, the one repetition may have been lost.
            each.mayBeSlow |= network.loss > 0
                    && (each.isWaiting() || (other != null && other.isWaiting()))
                    && network.cut.stream().noneMatch(way -> way.contains(each.client.name));
        });
        network.cut.clear();
        network.loss = 0;
        network.duplication = 0;
        introductionsPerSecond = 1_000;
        restartCoordinator();
        java.util.Objects.requireNonNull(coordinator).allow(introductionsPerSecond);
        long healed = network.now();
        network.runUntil(healed + 1);
        sendUntil = healed + SETTLED + SEARCHED - 6_000;
        long linkedBy = healed + SimulatedConnection.IDLE + 5_000;
        while (!clients.stream().allMatch(SimulatedClient::isLinked)) {
            assertThat(network.now()).as("until all are registered").isLessThan(linkedBy);
            network.runUntil(network.now() + 100);
        }
        network.trace("all are registered again");
        calmSince = network.now() + MOVES_AGAIN;
        List<SimulatedConnection> living =
                living().stream().filter(each -> !each.mayBeSlow).toList();
        network.runUntil(calmSince);
        Map<SimulatedConnection, Long> received = new HashMap<>();
        living.forEach(each -> received.put(each, each.sentData));
        network.runUntil(calmSince + 2_000);
        for (SimulatedConnection each : living) {
            SimulatedConnection other = otherEnd(each);
            if (!each.closed && other != null && !other.closed) {
                assertThat(other.receivedData)
                        .as(
                                "messages received of those that %s had sent %d ms after all had healed",
                                each.name(), MOVES_AGAIN)
                        .isGreaterThanOrEqualTo(received.get(each));
            }
        }
        network.runUntil(healed + SETTLED);
        bothEndsAgree();
        openAll();
        network.runUntil(healed + SETTLED + SEARCHED);
        bothEndsAgree();
        wellAgain();
    }

    /** Channels that both sides have. */
    private List<SimulatedConnection> living() {
        return clients.stream()
                .flatMap(client -> client.openConnections().stream())
                .filter(each -> {
                    SimulatedConnection other = otherEnd(each);
                    return other != null && other.open && !other.closed && other.client.alive;
                })
                .toList();
    }

    private void bothEndsAgree() {
        for (SimulatedClient client : clients) {
            Map<ClientId, SimulatedConnection> byPeer = new HashMap<>();
            for (SimulatedConnection each : client.openConnections()) {
                SimulatedConnection other = otherEnd(each);
                assertThat(other != null && other.open && !other.closed && other.client.alive)
                        .as("%s is open at its other end", each.name())
                        .isTrue();
                if (!each.end.peer().equals(client.id) || each.end.isDialled()) {
                    assertThat(byPeer.put(each.end.peer(), each))
                            .as("a second channel of %s beside %s", client.name, each.name())
                            .isNull();
                }
            }
            assertThat(client.connections.values())
                    .as("ends of %s", client.name)
                    .allMatch(each -> each.open);
        }
    }

    private void openAll() {
        for (SimulatedClient from : clients) {
            for (SimulatedClient to : clients) {
                if (canOpen(from, to)) {
                    from.open(to.id);
                }
            }
        }
        int before = failed;
        network.runUntil(network.now() + 3_000);
        assertThat(failed).as("openings that failed though nothing was wrong").isEqualTo(before);
        assertThat(clients).allMatch(client -> client.callers.isEmpty());
    }

    /** Whether the two have a path that both of them take. */
    private static boolean canOpen(SimulatedClient from, SimulatedClient to) {
        return from == to
                || PathPolicy.common(from.policy, to.policy) != PathPolicy.DIRECT_ONLY
                || Nat.canBePunched(from.host.nat, to.host.nat);
    }

    private void wellAgain() {
        for (SimulatedClient client : clients) {
            assertThat(client.openConnections().stream()
                            .map(each -> each.end.peer())
                            .distinct())
                    .as("peers of %s", client.name)
                    .containsAll(clients.stream()
                            .filter(other -> canOpen(client, other))
                            .map(other -> other.id)
                            .toList());
            for (SimulatedConnection each : client.openConnections()) {
                SimulatedConnection other = otherEnd(each);
                assertThat(other).isNotNull();
                assertThat(other.receivedData)
                        .as("all that %s has sent", each.name())
                        .isEqualTo(each.sentData);
                assertThat(each.sentData).as("messages of %s", each.name()).isPositive();
                if (!each.mayBeSlow) {
                    assertThat(each.slowest)
                            .as("the slowest message to %s", each.name())
                            .isLessThan(MOVES_AGAIN);
                }
                boolean canBeDirect =
                        client != other.client && Nat.canBePunched(client.host.nat, other.client.host.nat);
                // Whoever repeats a probe behind a NAT from just the right address has punched a hole for the two.
                if (canBeDirect || network.repetition == 0) {
                    assertThat(each.direct() != null)
                            .as("%s, between %s and %s, is direct", each.name(), client.host.nat, other.client.host.nat)
                            .isEqualTo(canBeDirect);
                }
                direct += canBeDirect ? 1 : 0;
            }
        }
    }

    // The coordinator's socket.

    private void received(Object datagram, java.net.InetSocketAddress from) {
        SimulatedCoordinator running = coordinator;
        if (running == null) {
            return;
        }
        if (datagram instanceof SimulatedClient.Relayed relayed) {
            SimulatedCoordinator.Hop hop = running.relay(relayed.handle(), from);
            if (hop == null) {
                network.sendFromCoordinator(new SimulatedClient.UnknownHandle(relayed.handle()), from);
            } else {
                network.sendFromCoordinator(
                        new SimulatedClient.Relayed(hop.handle(), relayed.inner()),
                        hop.receiver().address());
            }
        } else if (datagram instanceof SimulatedClient.Check check) {
            SimulatedCoordinator.Link link = running.link(check.handle());
            boolean moved = link != null && !link.address().equals(from);
            network.sendFromCoordinator(new SimulatedClient.Status(check.handle(), link != null, moved, from), from);
        }
    }

    private void expire() {
        SimulatedCoordinator running = coordinator;
        if (running != null) {
            running.expire(network.now());
            List.copyOf(heard.entrySet()).forEach(each -> {
                if (network.now() - each.getValue() > SimulatedConnection.IDLE) {
                    heard.remove(each.getKey());
                    running.left(each.getKey());
                }
            });
        }
        network.in(250, this::expire);
    }

    void heard(SimulatedCoordinator.@Nullable Link link) {
        if (link != null) {
            heard.put(link, network.now());
        }
    }

    /** Another key asks for an id: its holder has to give a sign of life. */
    void contested(ClientId id) {
        SimulatedCoordinator running = coordinator;
        SimulatedCoordinator.Link holder = running == null ? null : running.holder(id);
        if (running != null && holder != null) {
            network.in(3_000, () -> {
                if (network.now() - heard.getOrDefault(holder, 0L) > 2_000) {
                    running.left(holder);
                }
            });
        }
    }

    // For the clients.

    void made(SimulatedConnection connection) {
        connection.number = ++lastConnection;
        connections.put(new EndKey(connection.tag, connection.end.isDialled()), connection);
    }

    /** Whether the two clients have begun to make another connection since. */
    boolean hasNewer(SimulatedConnection than) {
        return connections.values().stream()
                .anyMatch(each -> each.number > than.number
                        && each.tag != than.tag
                        && each.end.peer().equals(than.end.peer())
                        && each.client.id.equals(than.client.id));
    }

    @Nullable
    SimulatedConnection otherEnd(SimulatedConnection of) {
        return connections.get(new EndKey(of.tag, !of.end.isDialled()));
    }

    ByteString encoded(X509Certificate certificate) {
        return ENCODED.computeIfAbsent(certificate, Simulation::encode);
    }

    private SimulatedClient any() {
        return clients.get(random.nextInt(clients.size()));
    }

    private Nat anyNat() {
        return List.of(Nat.values()).get(random.nextInt(Nat.values().length));
    }

    private static List<ByteString> certificates(String name) {
        return java.util.Objects.requireNonNull(CERTIFICATES.get(name));
    }

    private static ByteString encode(X509Certificate certificate) {
        try {
            return ByteString.copyFrom(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }
}
