package io.conec.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.ErrorCode;
import io.conec.client.PeerIntroductions.Action;
import io.conec.coordinator.SimulatedCoordinator;
import io.conec.internal.protocol.ChannelEnded;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.IntroductionReply;
import io.conec.internal.protocol.OpenChannel;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One run of a client from start to crash, without sockets: what {@link PeerChannels}, {@link CoordinatorLink} and the router do around the real {@link PeerIntroductions}. */
@SuppressWarnings({"ReferenceEquality", "UndefinedEquals"}) // Queues and futures equal only themselves.
final class SimulatedClient {
    record Relayed(long handle, Object inner) {}

    record UnknownHandle(long handle) {}

    record Check(long handle) {}

    record Status(long handle, boolean known, boolean moved, InetSocketAddress observed) {}

    static final long REQUEST = 10_000;

    /** One registration as the client sees it. */
    private final class Session {
        final SimulatedCoordinator coordinator;
        final Queue<Runnable> toCoordinator = new ArrayDeque<>();
        final Queue<Runnable> toClient = new ArrayDeque<>();
        SimulatedCoordinator.@Nullable Link link;

        Session(SimulatedCoordinator coordinator) {
            this.coordinator = coordinator;
        }

        boolean isReachable() {
            return simulation.coordinator == coordinator
                    && link != null
                    && coordinator.isRegistered(link)
                    && host.mapped(SimulatedNetwork.COORDINATOR).equals(link.address())
                    && !network.isCut(name, "coordinator")
                    && !network.isCut("coordinator", name);
        }

        void send(boolean toMe, Runnable arrive) {
            Queue<Runnable> way = toMe ? toClient : toCoordinator;
            way.add(arrive);
            if (way.size() == 1) {
                network.in(5 + network.random.nextInt(network.longestDelay), () -> pump(toMe));
            }
        }

        private void pump(boolean toMe) {
            Queue<Runnable> way = toMe ? toClient : toCoordinator;
            if (link == null || (toMe && (!alive || !equals(session)))) {
                return;
            }
            if (simulation.coordinator != coordinator || !coordinator.isRegistered(link)) {
                return;
            }
            if (!isReachable()) {
                network.in(100, () -> pump(toMe));
                return;
            }
            Runnable next = way.poll();
            if (next != null) {
                next.run();
            }
            if (!way.isEmpty()) {
                network.in(1 + network.random.nextInt(network.longestDelay), () -> pump(toMe));
            }
        }
    }

    final Simulation simulation;
    final SimulatedNetwork network;
    final String name;
    final ClientId id;
    final ByteString certificate;
    final SimulatedNetwork.Host host;
    final PathPolicy policy;
    final PeerIntroductions introductions;
    final Map<PeerEnd, SimulatedConnection> connections = new LinkedHashMap<>();
    final IdentityHashMap<CompletableFuture<ConecChannel>, ClientId> callers = new IdentityHashMap<>();
    LocalCandidates candidates;
    boolean alive = true;
    private final Map<Long, SimulatedConnection> byHandle = new HashMap<>();
    private final Map<InetSocketAddress, SimulatedConnection> byAddress = new HashMap<>();
    private final Map<Long, SimulatedConnection> byProbeId = new HashMap<>();
    private final Queue<Action> todo = new ArrayDeque<>();
    private boolean performing;
    private long timerAt = PeerIntroductions.NEVER;
    private @Nullable Session session;
    private boolean attempting;
    private long checkedAt;
    private long reachableAt;

    SimulatedClient(
            Simulation simulation, String name, ByteString certificate, SimulatedNetwork.Nat nat, PathPolicy policy) {
        this.policy = policy;
        this.simulation = simulation;
        this.network = simulation.network;
        this.name = name;
        this.id = new ClientId(name);
        this.certificate = certificate;
        this.host = network.host(name, nat, this::received);
        this.introductions = new PeerIntroductions(
                id, peer -> true, network.random::nextDouble, REQUEST, SimulatedConnection.HANDSHAKE);
        this.candidates = candidates();
        network.in(network.random.nextInt(300), this::tick);
    }

    private LocalCandidates candidates() {
        LocalCandidates made =
                new LocalCandidates(new InetSocketAddress(host.internal, SimulatedNetwork.PORT), List.of());
        made.hosts(List.of(host.internal));
        return made;
    }

    boolean isLinked() {
        Session now = session;
        return now != null && now.isReachable();
    }

    // The link.

    private void tick() {
        if (!alive) {
            return;
        }
        Session now = session;
        if (now == null) {
            attempt();
        } else {
            if (now.isReachable()) {
                reachableAt = network.now();
                simulation.heard(now.link);
            } else if (network.now() - reachableAt > SimulatedConnection.IDLE) {
                lose(ErrorCode.IDLE_TIMEOUT);
            }
            if (network.now() - checkedAt >= 5_000) {
                check();
            }
        }
        network.in(1_000, this::tick);
    }

    private void attempt() {
        SimulatedCoordinator coordinator = simulation.coordinator;
        if (attempting || coordinator == null) {
            return;
        }
        attempting = true;
        network.in(50 + network.random.nextInt(500), () -> {
            attempting = false;
            boolean cut = network.isCut(name, "coordinator") || network.isCut("coordinator", name);
            if (!alive || cut || simulation.coordinator != coordinator || session != null) {
                return;
            }
            Session made = new Session(coordinator);
            InetSocketAddress address = host.mapped(SimulatedNetwork.COORDINATOR);
            host.permitted.add(SimulatedNetwork.COORDINATOR);
            SimulatedCoordinator.Link link =
                    coordinator.register(id, certificate, address, message -> made.send(true, () -> control(message)));
            if (link == null) {
                simulation.contested(id);
                return;
            }
            made.link = link;
            simulation.heard(link);
            session = made;
            made.send(true, () -> welcomed(made, address));
        });
    }

    private void welcomed(Session made, InetSocketAddress address) {
        if (!alive || session != made) {
            return;
        }
        network.trace(name + " is registered");
        reachableAt = network.now();
        checkedAt = network.now();
        observed(address);
        perform(introductions.linked());
    }

    private void observed(InetSocketAddress address) {
        if (candidates.observed(address, SimulatedNetwork.COORDINATOR)) {
            List.copyOf(connections.values()).forEach(SimulatedConnection::localChange);
        }
    }

    void check() {
        Session now = session;
        if (now != null && now.link != null && network.now() - checkedAt >= 200) {
            checkedAt = network.now();
            sendDatagram(new Check(now.link.handle()), SimulatedNetwork.COORDINATOR);
        }
    }

    private void checked(Status status) {
        Session now = session;
        if (now == null || now.link == null || now.link.handle() != status.handle()) {
            return;
        }
        if (status.known() && !status.moved()) {
            observed(status.observed());
        } else {
            lose(ErrorCode.CONNECTION_LOST);
        }
    }

    private void lose(ErrorCode code) {
        network.trace(name + " has lost its link: " + code);
        Session lost = session;
        session = null;
        if (lost != null && lost.link != null && network.random.nextBoolean()) {
            SimulatedCoordinator.Link link = lost.link;
            network.in(20, () -> lost.coordinator.left(link));
        }
        perform(introductions.linkLost(new CloseReason(code, "lost", false)));
    }

    private void control(Control message) {
        if (network.isTraced()) {
            network.trace("coordinator to " + name + ": " + text(message));
        }
        switch (message.getKindCase()) {
            case INTRODUCTION -> perform(introductions.introduced(network.now(), message.getIntroduction()));
            case CHANNEL_ANSWER -> perform(introductions.answered(network.now(), message.getChannelAnswer()));
            case CHANNEL_ENDED -> perform(introductions.ended(message.getChannelEnded()));
            case RELAY_LOST -> perform(introductions.relayLost(network.now(), message.getRelayLost()));
            default -> throw new IllegalArgumentException(message.toString());
        }
    }

    private void say(Control message) {
        Session now = session;
        if (now != null && now.link != null) {
            if (network.isTraced()) {
                network.trace(name + " to coordinator: " + text(message));
            }
            SimulatedCoordinator.Link link = now.link;
            now.send(false, () -> now.coordinator.receive(network.now(), link, message));
        }
    }

    private static String text(Control message) {
        return message.toString()
                .replaceAll("certificate: \"[^\n]*", "certificate")
                .replace('\n', ' ');
    }

    // Life.

    CompletableFuture<ConecChannel> open(ClientId peer) {
        CompletableFuture<ConecChannel> caller = new CompletableFuture<>();
        callers.put(caller, peer);
        network.trace(name + " opens " + peer);
        perform(introductions.open(network.now(), peer, caller, null));
        network.in(REQUEST + 1, () -> {
            if (alive) {
                assertThat(callers.containsKey(caller))
                        .as("%s waits too long for %s", name, peer)
                        .isFalse();
            }
        });
        return caller;
    }

    /** Without a word to anybody. */
    void crash() {
        network.trace(name + " crashes");
        alive = false;
        host.unplug();
    }

    /** As an application does that is stopped. */
    void shutDown() {
        network.trace(name + " shuts down");
        perform(introductions.close(ErrorCode.SHUTTING_DOWN, "bye"));
        Session now = session;
        if (now != null && now.isReachable() && now.link != null) {
            now.coordinator.left(now.link);
        }
        alive = false;
        host.unplug();
    }

    /** The network gives this host other addresses. */
    void move() {
        network.trace(name + " has another address");
        host.move();
        InetSocketAddress observed =
                candidates.all().keySet().stream().findFirst().orElse(null);
        candidates = candidates();
        if (observed != null) {
            candidates.observed(observed, SimulatedNetwork.COORDINATOR);
        }
        network.in(network.random.nextInt(5_000), () -> {
            if (alive) {
                connections.values().forEach(SimulatedConnection::localChange);
            }
        });
    }

    /** Loses the link, for no reason, and makes it again at once. */
    void flap() {
        if (alive && session != null) {
            lose(ErrorCode.CONNECTION_LOST);
            attempt();
        }
    }

    // Datagrams.

    void sendDatagram(Object datagram, InetSocketAddress to) {
        if (alive) {
            network.send(host, datagram, to);
        }
    }

    boolean admit(SimulatedConnection connection, InetSocketAddress from, Set<InetSocketAddress> admitted) {
        SimulatedConnection holder = byAddress.get(from);
        if (holder != null && holder != connection) {
            if (from.equals(holder.direct())) {
                return false;
            }
            holder.disown(from);
        }
        byAddress.put(from, connection);
        if (admitted.add(from) && admitted.size() > 16) {
            InetSocketAddress oldest = admitted.stream()
                    .filter(address -> !address.equals(connection.direct()))
                    .findFirst()
                    .orElseThrow();
            admitted.remove(oldest);
            byAddress.remove(oldest, connection);
        }
        return true;
    }

    private void received(Object datagram, InetSocketAddress from) {
        if (!alive) {
            return;
        }
        if (datagram instanceof Relayed relayed) {
            SimulatedConnection connection = byHandle.get(relayed.handle());
            if (connection != null) {
                take(connection, relayed.inner(), null);
            }
        } else if (datagram instanceof UnknownHandle unknown) {
            if (byHandle.containsKey(unknown.handle())) {
                check();
            }
        } else if (datagram instanceof Status status) {
            checked(status);
        } else if (datagram instanceof SimulatedConnection.Probe) {
            take(null, datagram, from);
        } else {
            SimulatedConnection connection = byAddress.get(from);
            if (connection != null) {
                take(connection, datagram, from);
            }
        }
    }

    private void take(@Nullable SimulatedConnection connection, Object datagram, @Nullable InetSocketAddress from) {
        if (datagram instanceof SimulatedConnection.Probe probe) {
            SimulatedConnection probed = byProbeId.get(probe.probeId());
            if (probed != null) {
                probed.probe(probe, from);
            }
        } else if (connection != null && datagram instanceof SimulatedConnection.Packet packet) {
            boolean own = packet.tag() == connection.tag && packet.fromDialler() != connection.end.isDialled();
            if (from == null && !own) {
                throw new AssertionError(
                        "a packet under a handle of " + connection.name() + " is not for it: " + packet);
            }
            connection.receivedVia(from);
            if (own && (connection.end.stage() != PeerEnd.Stage.INTRODUCED || accepted(connection))) {
                connection.received(packet);
            }
        }
    }

    private boolean accepted(SimulatedConnection connection) {
        boolean accepted = introductions.contacted(connection.end);
        if (accepted) {
            connection.connecting();
        }
        return accepted;
    }

    // What the connections tell, and what is decided.

    void connectionOpened(SimulatedConnection connection) {
        perform(introductions.opened(connection.end));
    }

    void connectionClosed(SimulatedConnection connection, CloseReason reason) {
        perform(introductions.closed(connection.end, reason));
    }

    private void perform(List<Action> actions) {
        todo.addAll(actions);
        if (performing || !alive) {
            return;
        }
        performing = true;
        for (Action action = todo.poll(); action != null; action = todo.poll()) {
            perform(action);
        }
        performing = false;
        schedule();
    }

    private void perform(Action action) {
        if (action instanceof Action.Ask ask) {
            say(Control.newBuilder()
                    .setOpenChannel(OpenChannel.newBuilder()
                            .setRequest(ask.request())
                            .setPeer(ask.peer().value())
                            .setRestores(ask.restores()))
                    .build());
        } else if (action instanceof Action.Reply reply) {
            say(Control.newBuilder()
                    .setIntroductionReply(IntroductionReply.newBuilder()
                            .setIntroduction(reply.introduction())
                            .setCode((int) reply.code().code())
                            .setMessage(reply.message()))
                    .build());
        } else if (action instanceof Action.Ended ended) {
            say(Control.newBuilder()
                    .setChannelEnded(ChannelEnded.newBuilder()
                            .setIntroduction(ended.introduction())
                            .setCode((int) ended.code().code())
                            .setMessage(ended.message()))
                    .build());
        } else if (action instanceof Action.Prepare prepare) {
            SimulatedConnection made = new SimulatedConnection(this, prepare.end(), prepare.handle());
            connections.put(prepare.end(), made);
            byHandle.put(made.handle, made);
            byProbeId.put(made.probeId, made);
        } else if (action instanceof Action.Dial dial) {
            connection(dial.end()).dial();
        } else if (action instanceof Action.Rebind rebind) {
            SimulatedConnection connection = connection(rebind.end());
            byHandle.remove(connection.handle, connection);
            byHandle.put(rebind.handle(), connection);
            connection.relayRestored(rebind.handle());
        } else if (action instanceof Action.Close close) {
            connection(close.end()).close(close.code(), close.message(), close.byPeer());
        } else if (action instanceof Action.Remove remove) {
            SimulatedConnection removed = connection(remove.end());
            removed.closed = true;
            connections.remove(remove.end());
            byHandle.remove(removed.handle, removed);
            byProbeId.remove(removed.probeId);
            byAddress.values().removeIf(each -> each == removed);
        } else if (action instanceof Action.Complete complete) {
            SimulatedConnection connection = connection(complete.end());
            assertThat(connection.open && !connection.closed)
                    .as("%s is given to somebody and open", connection.name())
                    .isTrue();
            assertThat(complete.end().peer()).isEqualTo(callers.remove(complete.caller()));
            simulation.opened++;
        } else if (action instanceof Action.Fail fail) {
            network.trace(name + " has no channel to " + callers.get(fail.caller()) + ": "
                    + fail.cause().getMessage());
            assertThat(callers.remove(fail.caller())).isNotNull();
            simulation.failed++;
        }
    }

    private SimulatedConnection connection(PeerEnd end) {
        SimulatedConnection connection = connections.get(end);
        if (connection == null) {
            throw new AssertionError("nothing was prepared for the " + end);
        }
        return connection;
    }

    private void schedule() {
        long at = introductions.deadline();
        if (at != timerAt) {
            timerAt = at;
            if (at != PeerIntroductions.NEVER) {
                network.at(at, () -> {
                    if (alive && timerAt == at) {
                        timerAt = PeerIntroductions.NEVER;
                        perform(introductions.timeout(network.now()));
                    }
                });
            }
        }
    }

    List<SimulatedConnection> openConnections() {
        return new ArrayList<>(connections.values())
                .stream().filter(each -> each.open && !each.closed).toList();
    }
}
