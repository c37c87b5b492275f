package io.conec.client;

import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
import io.conec.client.PeerIntroductions.Action;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.protocol.ChannelAnswer;
import io.conec.internal.protocol.ChannelEnded;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.Introduction;
import io.conec.internal.protocol.IntroductionReply;
import io.conec.internal.protocol.LinkCheck;
import io.conec.internal.protocol.OpenChannel;
import io.conec.internal.protocol.ProbePacket;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.RelayLost;
import io.conec.internal.protocol.TokenBucket;
import io.conec.internal.transport.Acceptor;
import io.conec.internal.transport.ClientDatagrams;
import io.conec.internal.transport.Endpoint;
import io.conec.internal.transport.PeerRoute;
import io.conec.internal.transport.Verification;
import io.conec.security.Trust;
import io.netty.buffer.ByteBuf;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * A client's channels to peers: carries out what {@link PeerIntroductions} decides, and knows the connections of its ends. Owned by the event loop; {@link #channels} is for
 * any thread.
 */
final class PeerChannels implements Acceptor, ClientDatagrams {
    /** To addresses that peers have named, in all: no use to anybody who wants somebody else flooded. */
    private static final int PROBES_PER_SECOND = 500;

    /** Whoever is refused may ask as often as the coordinator lets it: no line for each. */
    private static final int REFUSALS_LOGGED_PER_SECOND = 5;

    private static final Logger log = LoggerFactory.getLogger(PeerChannels.class);

    private final ClientConfig config;
    private final Dispatcher dispatcher;
    private volatile X509ExtendedTrustManager peerTrust;
    private final PeerIntroductions introductions;
    private final TokenBucket refusals = new TokenBucket(REFUSALS_LOGGED_PER_SECOND, System.nanoTime());
    private final Queue<Action> todo = new ArrayDeque<>();
    private final Map<PeerEnd, PeerConnection> byEnd = new ConcurrentHashMap<>();
    /** What {@link #open} has last given for a peer. Read by any thread. */
    private final Map<ClientId, ConnectedChannel> given = new ConcurrentHashMap<>();

    private final Map<InetSocketAddress, PeerConnection> byVirtualAddress = new HashMap<>();
    private final LongObjectMap<PeerPath> byProbeId = new LongObjectHashMap<>();
    private PeerPath.@Nullable Shared paths;
    private @Nullable Endpoint endpoint;
    private @Nullable CoordinatorLink link;
    private @Nullable ScheduledFuture<?> timer;
    private long timerAt = PeerIntroductions.NEVER;
    private boolean performing;

    PeerChannels(ClientConfig config, Dispatcher dispatcher) {
        this.config = config;
        this.dispatcher = dispatcher;
        this.peerTrust = config.peerTrust().trustManager();
        this.introductions = new PeerIntroductions(
                config.id(),
                this::accepts,
                () -> ThreadLocalRandom.current().nextDouble(),
                config.transport().requestTimeout().toMillis(),
                config.transport().handshakeTimeout().toMillis());
    }

    void start(Endpoint startedEndpoint, CoordinatorLink startedLink, LocalCandidates candidates) {
        endpoint = startedEndpoint;
        link = startedLink;
        paths = new PeerPath.Shared(
                startedEndpoint,
                candidates,
                new TokenBucket(PROBES_PER_SECOND, System.nanoTime()),
                config.pathKeepAliveInterval());
    }

    /** Peers that are introduced from now on are checked by this. Any thread. */
    void peerTrust(Trust trust) {
        peerTrust = trust.trustManager();
    }

    List<ConecChannel> channels() {
        return byEnd.values().stream()
                .map(PeerConnection::channel)
                .filter(channel -> channel != null && channel.isOpen())
                .map(ConecChannel.class::cast)
                .toList();
    }

    /** What {@link #open} would give without making anything; null if that is not certain. Any thread. */
    @Nullable
    ConnectedChannel opened(ClientId peer) {
        ConnectedChannel channel = given.get(peer);
        return channel != null && channel.isUsable() ? channel : null;
    }

    /** See {@link ConecClient#open}. */
    void open(ClientId peer, CompletableFuture<ConecChannel> opened) {
        perform(introductions.open(now(), peer, opened, link().status().lastError()));
    }

    /** Ends all channels and gives up all openings. */
    void close(ErrorCode code, String message) {
        perform(introductions.close(code, message));
    }

    /** This client's own addresses have changed. */
    void localChange() {
        // A copy: a channel that does not read what it is told is closed, and taken away.
        List.copyOf(byProbeId.values()).forEach(PeerPath::localChange);
    }

    /** How long a channel may take to find a direct path, if it takes no other: so that this is what its opening fails with. */
    long directPathMillis() {
        TransportConfig transport = config.transport();
        return Math.min(
                        transport.handshakeTimeout().toMillis(),
                        transport.requestTimeout().toMillis())
                * 8
                / 10;
    }

    // The link, and what the coordinator says.

    void linked() {
        perform(introductions.linked());
    }

    void linkLost(CloseReason reason) {
        perform(introductions.linkLost(reason));
    }

    void introduced(Introduction introduction) {
        perform(introductions.introduced(now(), introduction));
    }

    void answered(ChannelAnswer answer) {
        perform(introductions.answered(now(), answer));
    }

    void ended(ChannelEnded ended) {
        perform(introductions.ended(ended));
    }

    void relayLost(RelayLost lost) {
        perform(introductions.relayLost(now(), lost));
    }

    // What comes past QUIC.

    @Override
    public void unknownHandle(long handle) {
        // The coordinator has been restarted, or this client's address has changed, or the peer's link is gone.
        link().check();
    }

    @Override
    public void linkStatus(LinkCheck status) {
        link().checked(status);
    }

    @Override
    public void probe(ByteBuf probe, @Nullable InetSocketAddress from) {
        PeerPath path = byProbeId.get(ProbePacket.id(probe));
        if (path != null) {
            path.probe(probe, from);
        }
    }

    // Peer connections.

    @Override
    public @Nullable Acceptance accept(InetSocketAddress from) {
        PeerConnection peer = byVirtualAddress.get(from);
        if (peer == null || !introductions.contacted(peer.end())) {
            return null;
        }
        schedule();
        return new Acceptance(
                peer.verification(),
                connection -> peer.attach(connection, dispatcher, config.transport()),
                peer.credentials());
    }

    /** A peer connection has become a channel. */
    void opened(PeerConnection peer) {
        perform(introductions.opened(peer.end()));
    }

    /** A peer connection has ended, opened or not. */
    void closed(PeerConnection peer, CloseReason reason) {
        perform(introductions.closed(peer.end(), reason));
    }

    // What is to be done.

    /** In order: what doing one thing leads to waits until the rest is done. */
    private void perform(List<Action> actions) {
        todo.addAll(actions);
        if (performing) {
            return;
        }
        performing = true;
        try {
            for (Action action = todo.poll(); action != null; action = todo.poll()) {
                perform(action);
            }
        } finally {
            performing = false;
        }
        schedule();
    }

    private void perform(Action action) {
        if (action instanceof Action.Ask ask) {
            link().send(Control.newBuilder()
                    .setOpenChannel(OpenChannel.newBuilder()
                            .setRequest(ask.request())
                            .setPeer(ask.peer().value())
                            .setRestores(ask.restores()))
                    .build());
            // A coordinator that was restarted does not answer on a connection that it does not know; it says so.
            link().check();
        } else if (action instanceof Action.Reply reply) {
            if (reply.code() != ErrorCode.NO_ERROR) {
                log.atLevel(refusals.take(1, System.nanoTime()) ? Level.INFO : Level.DEBUG)
                        .log("Refused a channel from {}, {}: {}", reply.peer(), reply.code(), reply.message());
            }
            link().send(Control.newBuilder()
                    .setIntroductionReply(IntroductionReply.newBuilder()
                            .setIntroduction(reply.introduction())
                            .setCode((int) reply.code().code())
                            .setMessage(Protocol.reason(reply.message())))
                    .build());
        } else if (action instanceof Action.Ended ended) {
            link().send(Control.newBuilder()
                    .setChannelEnded(ChannelEnded.newBuilder()
                            .setIntroduction(ended.introduction())
                            .setCode((int) ended.code().code())
                            .setMessage(Protocol.reason(ended.message())))
                    .build());
        } else if (action instanceof Action.Prepare prepare) {
            prepare(prepare.end(), prepare.handle(), prepare.onLoopback());
        } else if (action instanceof Action.Dial dial) {
            dial(connection(dial.end()));
        } else if (action instanceof Action.Rebind rebind) {
            rebind(connection(rebind.end()), rebind.handle());
        } else if (action instanceof Action.Close close) {
            forget(close.end());
            connection(close.end()).close(close.code(), close.message(), close.byPeer());
        } else if (action instanceof Action.Remove remove) {
            remove(remove.end());
        } else if (action instanceof Action.Complete complete) {
            ConnectedChannel channel = connection(complete.end()).channel();
            given.put(complete.end().peer(), channel);
            dispatcher.execute(() -> complete.caller().complete(channel));
        } else if (action instanceof Action.Fail fail) {
            dispatcher.execute(() -> fail.caller().completeExceptionally(fail.cause()));
        }
    }

    private void prepare(PeerEnd end, long relayHandle, boolean onLoopback) {
        PeerPath path = new PeerPath(paths(), onLoopback);
        PeerRoute route = endpoint().addRoute(relayHandle, end.isDialled(), path::wake);
        path.route(route);
        PathPolicy policy = end.peer().equals(config.id()) ? PathPolicy.RELAY_ONLY : config.path();
        PeerConnection connection = new PeerConnection(
                end,
                route,
                Verification.ofPeer(peerTrust, end.peer().value(), end.certificate()),
                endpoint().credentials(),
                path,
                policy,
                this);
        byEnd.put(end, connection);
        byVirtualAddress.put(route.virtualAddress(), connection);
        byProbeId.put(path.probeId(), path);
    }

    private void dial(PeerConnection peer) {
        endpoint()
                .dial(
                        peer.route().virtualAddress(),
                        peer.peer().value(),
                        peer.verification(),
                        peer.credentials(),
                        connection -> peer.attach(connection, dispatcher, config.transport()));
    }

    private void rebind(PeerConnection peer, long relayHandle) {
        endpoint().rebindRoute(peer.route(), relayHandle);
        log.info("The coordinator relays for {} again", peer.channel());
        peer.path().relayRestored();
    }

    private void forget(PeerEnd end) {
        PeerConnection connection = byEnd.get(end);
        ConnectedChannel channel = connection == null ? null : connection.channel();
        if (channel != null) {
            given.remove(end.peer(), channel);
        }
    }

    private void remove(PeerEnd end) {
        forget(end);
        PeerConnection peer = byEnd.remove(end);
        if (peer != null) {
            peer.path().close();
            byProbeId.remove(peer.path().probeId());
            byVirtualAddress.remove(peer.route().virtualAddress());
            endpoint().removeRoute(peer.route());
        }
    }

    private void schedule() {
        long at = introductions.deadline();
        if (at == timerAt) {
            return;
        }
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        timerAt = at;
        if (at != PeerIntroductions.NEVER) {
            timer = endpoint().eventLoop().schedule(this::timeout, Math.max(0, at - now()), TimeUnit.MILLISECONDS);
        }
    }

    private void timeout() {
        timer = null;
        timerAt = PeerIntroductions.NEVER;
        perform(introductions.timeout(now()));
    }

    private boolean accepts(ClientId peer) {
        try {
            return config.acceptsPeer().test(peer);
        } catch (RuntimeException | Error e) {
            log.error("The predicate acceptsPeer failed on {}, which is refused", peer, e);
            return false;
        }
    }

    private PeerConnection connection(PeerEnd end) {
        PeerConnection connection = byEnd.get(end);
        if (connection == null) {
            throw new IllegalStateException("nothing was prepared for the " + end);
        }
        return connection;
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private Endpoint endpoint() {
        if (endpoint == null) {
            throw new IllegalStateException("not started");
        }
        return endpoint;
    }

    private PeerPath.Shared paths() {
        if (paths == null) {
            throw new IllegalStateException("not started");
        }
        return paths;
    }

    private CoordinatorLink link() {
        if (link == null) {
            throw new IllegalStateException("not started");
        }
        return link;
    }
}
