package io.conec.client;

import com.google.protobuf.ByteString;
import io.conec.CloseReason;
import io.conec.ErrorCode;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One end of a peer connection without sockets: what {@link PeerConnection}, {@link PeerPath} and the router do around the real {@link PathMachine}, over a protocol that is as
 * QUIC where it matters here: packets are numbered and acknowledged, what is lost is sent again, by a timer that doubles when nothing comes back; a packet that came before is
 * ignored; a long silence ends the connection.
 */
@SuppressWarnings({"ArrayRecordComponent", "ReferenceEquality"}) // Packets are compared as objects.
final class SimulatedConnection {
    /** What the connection carries, in order. */
    sealed interface Frame {
        record Hello(ByteString certificate, PathPolicy policy) implements Frame {}

        record Candidates(List<InetSocketAddress> addresses, long probeId) implements Frame {}

        record Data(long number) implements Frame {}

        record Ping() implements Frame {}
    }

    private record Numbered(long number, Frame frame) {}

    /** A packet; {@code tag} stands for the connection ids. Without frames it need not be acknowledged. */
    record Packet(
            long tag,
            boolean fromDialler,
            long number,
            List<Numbered> frames,
            long[] acknowledged,
            @Nullable CloseReason close) {}

    record Probe(long probeId, long transaction, boolean response, boolean silent, boolean padded) {}

    private static final long[] NONE = {};

    static final long IDLE = 30_000;
    static final long HANDSHAKE = 10_000;
    /** How long a channel may take to find a direct path that takes no other. */
    private static final long DIRECT_PATH = 8_000;

    private static final int WINDOW = 6;
    private static final int MOST_PROBES_A_SECOND = 80;

    private record InFlight(long sentAt, List<Numbered> frames) {}

    final SimulatedClient client;
    final PeerEnd end;
    final long tag;
    final long probeId;
    final PathMachine machine;
    long handle;
    boolean directOnly;
    boolean open;
    boolean closed;
    long number;
    long sentData;
    long receivedData;
    final Map<Long, Long> sendTimes = new HashMap<>();
    long slowest;
    boolean mayBeSlow;

    private final SimulatedNetwork network;
    private final Set<InetSocketAddress> admitted = new LinkedHashSet<>();
    private final Set<InetSocketAddress> probeable = new HashSet<>();
    private final Set<InetSocketAddress> proven = new HashSet<>();
    private final Deque<Long> probeTimes = new ArrayDeque<>();
    private @Nullable InetSocketAddress direct;
    private @Nullable Packet lastPacket;
    private @Nullable Packet lastLarge;
    private long outgoingProbeId;
    private boolean relayBarred;
    private boolean greeted;
    private boolean announced;
    private boolean watched = true;
    private long sent;
    private long receivedDirect;
    private long receivedRelayed;
    private long timerAt = PathMachine.NEVER;

    private long lastPacketNumber;
    private long lastFrameNumber;
    private long nextFrame = 1;
    private final Deque<Numbered> waiting = new ArrayDeque<>();
    private final TreeMap<Long, InFlight> inFlight = new TreeMap<>();
    private final Set<Long> receivedPackets = new HashSet<>();
    private final Deque<Long> toAcknowledge = new ArrayDeque<>();
    private final Map<Long, Frame> early = new HashMap<>();
    private double roundTrip = 333;
    private int timeouts;
    private long timeoutAt = PathMachine.NEVER;
    private long heardAt;

    SimulatedConnection(SimulatedClient client, PeerEnd end, long handle) {
        this.client = client;
        this.end = end;
        this.handle = handle;
        this.tag = end.introduction();
        this.network = client.network;
        this.probeId = network.random.nextLong();
        this.machine = new PathMachine(network.random::nextLong, 15_000);
        this.heardAt = network.now();
        client.simulation.made(this);
        idleTimer();
    }

    @Nullable
    InetSocketAddress direct() {
        return direct;
    }

    String name() {
        return client.name + (end.isDialled() ? "->" : "<-") + end.peer() + "#" + Long.toHexString(tag & 0xffff);
    }

    /** A connection attempt or a first packet: it has to be a channel in time. */
    void connecting() {
        network.in(HANDSHAKE, () -> {
            if (!open) {
                close(ErrorCode.TIMEOUT, "the handshake took too long", false);
            }
        });
    }

    void dial() {
        connecting();
        sayHello();
    }

    void close(ErrorCode code, String message, boolean byPeer) {
        if (closed) {
            return;
        }
        transmit(new Packet(
                tag, end.isDialled(), ++lastPacketNumber, List.of(), NONE, new CloseReason(code, message, true)));
        ended(new CloseReason(code, message, byPeer));
    }

    private void ended(CloseReason reason) {
        if (!closed) {
            closed = true;
            network.trace(name() + " closed: " + reason.code() + " " + reason.message());
            mayEnd(reason);
            client.connectionClosed(this, reason);
        }
    }

    /** A channel that both sides have ends because somebody wants it to, or after a long silence. */
    private void mayEnd(CloseReason reason) {
        SimulatedConnection other = client.simulation.otherEnd(this);
        if (!open || other == null || !other.open || other.closed || !other.client.alive) {
            return;
        }
        switch (reason.code()) {
            case NO_ERROR, SHUTTING_DOWN, IDLE_TIMEOUT -> {
                // Somebody wanted it, or nothing else could be done.
            }
            case REPLACED -> require(client.simulation.hasNewer(this), "was replaced by nothing: " + reason);
            default -> require(false, "ended though both sides have it: " + reason);
        }
    }

    void sendData() {
        sentData++;
        sendTimes.put(sentData, network.now());
        send(new Frame.Data(sentData));
    }

    // The reliable stream.

    void send(Frame frame) {
        waiting.add(new Numbered(++lastFrameNumber, frame));
        pump();
    }

    private void pump() {
        while (!closed && !waiting.isEmpty() && inFlight.size() < WINDOW) {
            List<Numbered> frames = new ArrayList<>();
            while (!waiting.isEmpty() && frames.size() < 4) {
                frames.add(waiting.poll());
            }
            transmit(frames);
        }
    }

    private void transmit(List<Numbered> frames) {
        long number = ++lastPacketNumber;
        inFlight.put(number, new InFlight(network.now(), frames));
        transmit(new Packet(tag, end.isDialled(), number, frames, acknowledging(), null));
        retransmissionTimer();
    }

    private long[] acknowledging() {
        return toAcknowledge.stream().mapToLong(Long::longValue).toArray();
    }

    private void retransmissionTimer() {
        if (inFlight.isEmpty()) {
            timeoutAt = PathMachine.NEVER;
            return;
        }
        long at = network.now() + Math.max(100, Math.round(3 * roundTrip)) * (1L << Math.min(10, timeouts));
        timeoutAt = at;
        network.at(at, () -> {
            if (!closed && timeoutAt == at) {
                timeouts++;
                Map.Entry<Long, InFlight> oldest = inFlight.pollFirstEntry();
                if (oldest != null) {
                    transmit(oldest.getValue().frames());
                }
            }
        });
    }

    void received(Packet packet) {
        if (closed) {
            return;
        }
        heardAt = network.now();
        if (packet.close() != null) {
            ended(packet.close());
            return;
        }
        if (!receivedPackets.add(packet.number())) {
            return;
        }
        acknowledged(packet.acknowledged());
        if (!packet.frames().isEmpty()) {
            toAcknowledge.add(packet.number());
            if (toAcknowledge.size() > 16) {
                toAcknowledge.poll();
            }
            transmit(new Packet(tag, end.isDialled(), ++lastPacketNumber, List.of(), acknowledging(), null));
        }
        for (Numbered each : packet.frames()) {
            if (each.number() >= nextFrame) {
                early.put(each.number(), each.frame());
            }
        }
        for (Frame next = early.remove(nextFrame); next != null && !closed; next = early.remove(nextFrame)) {
            nextFrame++;
            take(next);
        }
    }

    private void acknowledged(long[] numbers) {
        boolean any = false;
        long largest = 0;
        for (long number : numbers) {
            InFlight was = inFlight.remove(number);
            if (was != null) {
                any = true;
                largest = Math.max(largest, number);
                // What was sent again says nothing. QUIC does take such a sample, as long as the silence, and forgets
                // it over the next
                // acknowledgements; that is not simulated.
                long sample = network.now() - was.sentAt();
                roundTrip = sample > 1_000 ? roundTrip : roundTrip * 7 / 8 + sample / 8.0;
            }
        }
        if (!any) {
            return;
        }
        timeouts = 0;
        List<List<Numbered>> lost = new ArrayList<>();
        while (!inFlight.isEmpty() && inFlight.firstKey() <= largest - 3) {
            lost.add(inFlight.pollFirstEntry().getValue().frames());
        }
        lost.forEach(this::transmit);
        retransmissionTimer();
        pump();
    }

    private void idleTimer() {
        network.at(heardAt + IDLE, () -> {
            if (!closed && client.alive) {
                if (heardAt + IDLE <= network.now()) {
                    ended(new CloseReason(ErrorCode.IDLE_TIMEOUT, "silence", false));
                } else {
                    idleTimer();
                }
            }
        });
    }

    private void take(Frame frame) {
        if (frame instanceof Frame.Hello hello) {
            hello(hello);
        } else if (frame instanceof Frame.Candidates candidates) {
            outgoingProbeId = candidates.probeId();
            List<InetSocketAddress> admissible = candidates.addresses().stream()
                    .filter(address -> RemoteCandidates.isAdmissible(address, false, true))
                    .toList();
            probeable.addAll(admissible);
            perform(machine.candidates(network.now(), admissible));
        } else if (frame instanceof Frame.Data data) {
            receivedData++;
            require(data.number() == receivedData, "message " + data.number() + " came as " + receivedData);
            SimulatedConnection other = client.simulation.otherEnd(this);
            Long sentAt = other == null ? null : other.sendTimes.remove(data.number());
            if (sentAt != null && sentAt >= client.simulation.calmSince) {
                slowest = Math.max(slowest, network.now() - sentAt);
            }
        }
    }

    private void hello(Frame.Hello hello) {
        if (greeted) {
            throw new AssertionError("a second hello");
        }
        greeted = true;
        if (!hello.certificate().equals(client.simulation.encoded(end.certificate()))) {
            close(ErrorCode.CERTIFICATE_MISMATCH, "another certificate", false);
            return;
        }
        if (!end.isDialled()) {
            sayHello();
        }
        PathPolicy agreed = PathPolicy.common(policy(), hello.policy());
        directOnly = agreed == PathPolicy.DIRECT_ONLY;
        if (agreed != PathPolicy.RELAY_ONLY) {
            announced = true;
            sendCandidates();
        }
        if (directOnly) {
            network.in(DIRECT_PATH, () -> {
                if (!open) {
                    close(ErrorCode.NO_DIRECT_PATH, "no direct path was found", false);
                }
            });
        } else {
            open();
        }
    }

    private void sayHello() {
        send(new Frame.Hello(client.certificate, policy()));
    }

    private PathPolicy policy() {
        return end.peer().equals(client.id) ? PathPolicy.RELAY_ONLY : client.policy;
    }

    private void open() {
        open = true;
        network.trace(name() + " open");
        client.connectionOpened(this);
        keepAlive();
    }

    private void keepAlive() {
        if (end.isDialled() && !closed && client.alive) {
            send(new Frame.Ping());
            network.in(5_000, this::keepAlive);
        }
    }

    // The path.

    /** Whether this side can tell the other that it hears nothing, or is the other itself. Before, only QUIC's own timer helps. */
    boolean canComplain() {
        return outgoingProbeId != 0 || end.peer().equals(client.id);
    }

    /** Whether QUIC's timer has doubled a few times, so that its next packet is far away. */
    boolean isWaiting() {
        return timeouts >= 3;
    }

    void localChange() {
        if (announced && !closed) {
            sendCandidates();
        }
        if (outgoingProbeId != 0 && !closed) {
            perform(machine.localChange(network.now()));
        }
    }

    private void sendCandidates() {
        send(new Frame.Candidates(List.copyOf(client.candidates.all().keySet()), probeId));
    }

    void relayRestored(long newHandle) {
        handle = newHandle;
        perform(machine.relayRestored(network.now()));
    }

    void receivedVia(@Nullable InetSocketAddress from) {
        if (from == null) {
            receivedRelayed++;
        } else {
            receivedDirect++;
        }
    }

    void probe(Probe probe, @Nullable InetSocketAddress from) {
        if (outgoingProbeId == 0 || closed) {
            return;
        }
        if (probe.response()) {
            if (from != null && machine.awaits(probe.transaction(), from)) {
                proven.add(from);
            }
            perform(machine.response(network.now(), probe.transaction(), from, probe.padded()));
            return;
        }
        if (from != null) {
            if (!client.admit(this, from, admitted)) {
                return;
            }
            probeable.add(from);
        }
        sendOn(new Probe(outgoingProbeId, probe.transaction(), true, false, probe.padded()), from);
        perform(machine.request(network.now(), from, probe.silent()));
    }

    private void perform(List<PathMachine.Action> actions) {
        if (closed || !client.alive) {
            return;
        }
        for (PathMachine.Action action : actions) {
            if (action instanceof PathMachine.Action.Probe probe) {
                if (outgoingProbeId != 0) {
                    count(probe);
                    sendOn(
                            new Probe(outgoingProbeId, probe.transaction(), false, probe.silent(), probe.padded()),
                            probe.to());
                }
            } else if (action instanceof PathMachine.Action.Use use) {
                direct = use.to();
                relayBarred = directOnly;
                network.trace(name() + " uses " + (use.to() == null ? "the relay" : use.to()) + ": " + use.reason());
            } else if (action instanceof PathMachine.Action.Repeat repeat && lastPacket != null) {
                if (lastLarge != null && lastLarge != lastPacket) {
                    sendOn(lastLarge, repeat.to());
                }
                sendOn(lastPacket, repeat.to());
            }
        }
        if (machine.isIdle()) {
            watched = true;
        }
        schedule();
        if (directOnly && !open && direct != null) {
            open();
        }
    }

    private void count(PathMachine.Action.Probe probe) {
        if (probe.to() == null) {
            return;
        }
        require(probeable.contains(probe.to()), "may not probe " + probe.to());
        probeTimes.add(network.now());
        while (probeTimes.getFirst() <= network.now() - 1_000) {
            probeTimes.poll();
        }
        require(probeTimes.size() <= MOST_PROBES_A_SECOND, "sends " + probeTimes.size() + " probes in a second");
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(name() + ": " + what);
        }
    }

    private void schedule() {
        long at = machine.deadline();
        if (at == timerAt) {
            return;
        }
        timerAt = at;
        if (at != PathMachine.NEVER) {
            network.at(at, () -> {
                if (timerAt == at && !closed && client.alive) {
                    timerAt = PathMachine.NEVER;
                    perform(machine.timeout(
                            network.now(), new PathMachine.Traffic(sent, receivedDirect, receivedRelayed)));
                }
            });
        }
    }

    private void transmit(Packet packet) {
        if (!client.alive) {
            return;
        }
        sent++;
        lastPacket = packet;
        if (packet.frames().stream().anyMatch(each -> !(each.frame() instanceof Frame.Ping))) {
            lastLarge = packet;
        }
        if (watched) {
            watched = false;
            perform(machine.wake(network.now()));
        }
        sendOn(packet, direct);
    }

    void disown(InetSocketAddress address) {
        admitted.remove(address);
    }

    private void sendOn(Object datagram, @Nullable InetSocketAddress to) {
        require(
                datagram instanceof Probe || to == null || proven.contains(to),
                "sends packets to " + to + ", where nobody has answered");
        if (to != null) {
            client.sendDatagram(datagram, to);
        } else if (!relayBarred) {
            boolean data = datagram instanceof Packet packet
                    && packet.frames().stream().anyMatch(each -> each.frame() instanceof Frame.Data);
            require(!directOnly || !data, "sends what may only go directly through the relay");
            client.sendDatagram(new SimulatedClient.Relayed(handle, datagram), SimulatedNetwork.COORDINATOR);
        }
    }
}
