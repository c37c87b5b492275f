package io.conec.client;

import com.google.protobuf.ByteString;
import io.conec.ChannelPath;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.protocol.Candidate;
import io.conec.internal.protocol.Candidates;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.ProbeKey;
import io.conec.internal.protocol.ProbePacket;
import io.conec.internal.protocol.TokenBucket;
import io.conec.internal.protocol.TransportAddress;
import io.conec.internal.transport.Endpoint;
import io.conec.internal.transport.PeerRoute;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The path of one peer connection: exchanges candidates and probes with the peer, and carries out what {@link PathMachine} decides. Owned by the event loop.
 */
final class PeerPath {
    /** What all paths of a client share. */
    record Shared(Endpoint endpoint, LocalCandidates candidates, TokenBucket probes, Duration keepAlive) {}

    /** Answers to the probes of one peer in a second: many times what a client sends, and too few to harm anybody whose address a peer borrows. */
    private static final int RESPONSES_PER_SECOND = 50;

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Logger log = LoggerFactory.getLogger(PeerPath.class);

    private final Shared shared;
    private final boolean onLoopback;
    private final PathMachine machine;
    private final long probeId = RANDOM.nextLong();
    private final byte[] probeKey = new byte[ProbeKey.BYTES];
    private final ProbeKey incomingKey;
    private final TokenBucket responses = new TokenBucket(RESPONSES_PER_SECOND, System.nanoTime());
    private @Nullable PeerRoute route;
    private @Nullable ConnectedChannel channel;
    private @Nullable ProbeKey outgoingKey;
    private long outgoingId;
    private boolean relayOnly;
    private Runnable moved = () -> {};
    private ChannelPath current;
    private @Nullable ScheduledFuture<?> timer;
    private long timerAt = PathMachine.NEVER;
    private boolean announced;
    private boolean closed;

    /** @param onLoopback whether the coordinator sees both clients on its own host */
    PeerPath(Shared shared, boolean onLoopback) {
        this.shared = shared;
        this.onLoopback = onLoopback;
        RANDOM.nextBytes(probeKey);
        this.incomingKey = new ProbeKey(probeKey.clone());
        this.machine = new PathMachine(RANDOM::nextLong, shared.keepAlive().toMillis());
        this.current = relayed(shared, "every channel begins relayed");
    }

    /** What probes to this path carry. */
    long probeId() {
        return probeId;
    }

    boolean isDirect() {
        return machine.state() == PathMachine.State.DIRECT;
    }

    /** The path right now. */
    ChannelPath current() {
        return current;
    }

    /** Runs this whenever the path has changed. */
    void onMove(Runnable action) {
        moved = action;
    }

    void route(PeerRoute value) {
        route = value;
        value.watch();
    }

    /** The hellos have been exchanged: tells the peer how to probe this side, and, unless the two have agreed to stay on the relay, where. */
    void start(ConnectedChannel established, PathPolicy agreed) {
        channel = established;
        relayOnly = agreed == PathPolicy.RELAY_ONLY;
        if (agreed == PathPolicy.DIRECT_ONLY) {
            route().barRelayOnceDirect();
        }
        announced = !relayOnly;
        sendCandidates();
    }

    /** This client's own addresses have changed. */
    void localChange() {
        if (announced) {
            // Also while the peer's own are still on their way: it has the old ones, and would not hear of these.
            sendCandidates();
        }
        if (outgoingKey != null) {
            perform(machine.localChange(now()));
        }
    }

    /** The peer has said where it may be reached. */
    void candidates(Candidates message) {
        if (message.getProbeKey().size() != ProbeKey.BYTES) {
            throw new ConecException(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "a probe key of " + message.getProbeKey().size() + " bytes");
        }
        outgoingId = message.getProbeId();
        outgoingKey = new ProbeKey(message.getProbeKey().toByteArray());
        List<InetSocketAddress> addresses = relayOnly
                ? List.of()
                : RemoteCandidates.admissible(
                        message.getCandidatesList(),
                        onLoopback && shared.candidates().onLoopback(),
                        ipv6());
        log.debug("{}: candidates {}", channel, addresses);
        perform(machine.candidates(now(), addresses));
    }

    /** A datagram with this path's probe id. */
    void probe(ByteBuf datagram, @Nullable InetSocketAddress from) {
        ProbePacket probe = ProbePacket.decode(datagram, incomingKey);
        ProbeKey key = outgoingKey;
        if (probe == null || key == null) {
            return;
        }
        if (probe.response()) {
            InetSocketAddress observed = probe.observed();
            if (observed != null && from != null && machine.awaits(probe.transaction(), from)) {
                shared.candidates().observedByPeer(observed);
            }
            perform(machine.response(now(), probe.transaction(), from, probe.padded()));
            return;
        }
        boolean elsewhere = from != null && (relayOnly || !RemoteCandidates.isAdmissible(from, true, true));
        if (elsewhere || !responses.take(1, System.nanoTime())) {
            return;
        }
        if (from != null && !shared.endpoint().admit(route(), from)) {
            // An answer would have the peer send packets that are not taken.
            return;
        }
        ProbePacket response = new ProbePacket(true, outgoingId, probe.transaction(), false, from, probe.padded());
        send(response, key, from);
        perform(machine.request(now(), from, probe.silent()));
    }

    /** The coordinator relays for this connection again. */
    void relayRestored() {
        perform(machine.relayRestored(now()));
    }

    /** The router sends the first packet after a silence. */
    void wake() {
        perform(machine.wake(now()));
    }

    void close() {
        closed = true;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void sendCandidates() {
        Candidates.Builder message =
                Candidates.newBuilder().setProbeId(probeId).setProbeKey(ByteString.copyFrom(probeKey));
        Map<InetSocketAddress, Candidate.Kind> candidates =
                relayOnly ? Map.of() : shared.candidates().all();
        candidates.forEach((address, kind) -> {
            if (message.getCandidatesCount() < RemoteCandidates.MAX) {
                message.addCandidates(Candidate.newBuilder()
                        .setAddress(TransportAddress.bytes(address))
                        .setPort(address.getPort())
                        .setKind(kind));
            }
        });
        channel().send(Control.newBuilder().setCandidates(message).build());
    }

    private void timeout() {
        timer = null;
        timerAt = PathMachine.NEVER;
        PeerRoute on = route();
        perform(machine.timeout(now(), new PathMachine.Traffic(on.sent(), on.receivedDirect(), on.receivedRelayed())));
    }

    private void perform(List<PathMachine.Action> actions) {
        if (closed) {
            return;
        }
        for (PathMachine.Action action : actions) {
            if (action instanceof PathMachine.Action.Probe probe) {
                probe(probe);
            } else if (action instanceof PathMachine.Action.Use use) {
                use(use);
            } else if (action instanceof PathMachine.Action.Repeat repeat) {
                shared.endpoint().repeatLastPacket(route(), repeat.to());
            }
        }
        if (machine.isIdle()) {
            route().watch();
        }
        schedule();
    }

    private void probe(PathMachine.Action.Probe probe) {
        ProbeKey key = outgoingKey;
        // Where the packets of the connection go anyway, a probe harms nobody; and no other peer is to use up what
        // keeps this path.
        boolean counts = probe.to() != null && !probe.to().equals(route().direct());
        if (key == null || (counts && !shared.probes().take(1, System.nanoTime()))) {
            return;
        }
        send(
                new ProbePacket(false, outgoingId, probe.transaction(), probe.silent(), null, probe.padded()),
                key,
                probe.to());
    }

    private void send(ProbePacket probe, ProbeKey key, @Nullable InetSocketAddress to) {
        shared.endpoint().sendOn(route(), probe.encode(shared.endpoint().allocator(), key), to);
    }

    private void use(PathMachine.Action.Use use) {
        InetSocketAddress to = use.to();
        route().direct(to);
        current = to == null ? relayed(shared, use.reason()) : direct(to, use.reason());
        log.info("{}: {} by {}, because {}", channel, current.kind(), current.remote(), use.reason());
        channel().moveTo(current);
        moved.run();
    }

    private static ChannelPath relayed(Shared shared, String reason) {
        InetSocketAddress coordinator = shared.endpoint().coordinatorAddress();
        return new ChannelPath(
                ChannelPath.Kind.RELAYED,
                shared.endpoint().localAddressTowards(coordinator),
                coordinator,
                Duration.ZERO,
                Instant.now(),
                reason);
    }

    private ChannelPath direct(InetSocketAddress to, String reason) {
        return new ChannelPath(
                ChannelPath.Kind.DIRECT,
                shared.endpoint().localAddressTowards(to),
                to,
                Duration.ofMillis(Math.round(machine.roundTrip().orElse(0))),
                Instant.now(),
                reason);
    }

    private void schedule() {
        long at = machine.deadline();
        if (at == timerAt) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        timerAt = at;
        if (at != PathMachine.NEVER) {
            timer = shared.endpoint()
                    .eventLoop()
                    .schedule(this::timeout, Math.max(0, at - now()), TimeUnit.MILLISECONDS);
        }
    }

    private boolean ipv6() {
        return shared.endpoint().localAddress().getAddress() instanceof java.net.Inet6Address;
    }

    private ConnectedChannel channel() {
        if (channel == null) {
            throw new IllegalStateException("no channel yet");
        }
        return channel;
    }

    private PeerRoute route() {
        if (route == null) {
            throw new IllegalStateException("no route yet");
        }
        return route;
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
