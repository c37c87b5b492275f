package io.conec.client;

import com.google.protobuf.ByteString;
import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
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
import io.conec.security.CertificateNames;
import io.conec.security.Trust;
import io.netty.buffer.ByteBuf;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's channels to peers: asks for introductions, answers those of others, and makes the peer connections. Owned by the event loop; {@link #channels} is for any
 * thread.
 */
final class PeerChannels implements Acceptor, ClientDatagrams {
    /** Somebody waits for a channel to a peer. */
    private static final class Opening {
        final long request;
        final List<CompletableFuture<ConecChannel>> waiting = new ArrayList<>();
        final ScheduledFuture<?> deadline;

        Opening(long request, ScheduledFuture<?> deadline) {
            this.request = request;
            this.deadline = deadline;
        }
    }

    /** To addresses that peers have named, in all: no use to anybody who wants somebody else flooded. */
    private static final int PROBES_PER_SECOND = 500;

    /** Before a restore is asked for again that could not be had. */
    private static final long RESTORE_AGAIN_MILLIS = 1_000;

    private static final Logger log = LoggerFactory.getLogger(PeerChannels.class);

    private final ClientConfig config;
    private final Dispatcher dispatcher;
    private volatile X509ExtendedTrustManager peerTrust;
    private final Map<ClientId, Opening> openings = new HashMap<>();
    private final Map<InetSocketAddress, PeerConnection> byVirtualAddress = new HashMap<>();
    private final Map<PeerKey, PeerConnection> byIntroduction = new ConcurrentHashMap<>();
    private final LongObjectMap<PeerPath> byProbeId = new LongObjectHashMap<>();
    private final LongObjectMap<PeerConnection> restoring = new LongObjectHashMap<>();
    private PeerPath.@Nullable Shared paths;
    private @Nullable Endpoint endpoint;
    private @Nullable CoordinatorLink link;
    private long lastRequest;

    /** An introduction has two ends, which for a channel to oneself are in one client. */
    private record PeerKey(long introduction, boolean dialled) {}

    PeerChannels(ClientConfig config, Dispatcher dispatcher) {
        this.config = config;
        this.dispatcher = dispatcher;
        this.peerTrust = config.peerTrust().trustManager();
    }

    void start(Endpoint startedEndpoint, CoordinatorLink startedLink, LocalCandidates candidates) {
        endpoint = startedEndpoint;
        link = startedLink;
        paths = new PeerPath.Shared(
                startedEndpoint,
                config.path(),
                candidates,
                new TokenBucket(PROBES_PER_SECOND, System.nanoTime()),
                config.pathKeepAliveInterval());
    }

    /** Peers that are introduced from now on are checked by this. Any thread. */
    void peerTrust(Trust trust) {
        peerTrust = trust.trustManager();
    }

    List<ConecChannel> channels() {
        return byIntroduction.values().stream()
                .map(PeerConnection::channel)
                .filter(channel -> channel != null && channel.isOpen())
                .map(ConecChannel.class::cast)
                .toList();
    }

    /** Ends all channels and gives up all openings. */
    void close(ErrorCode code, String message) {
        for (PeerConnection peer : List.copyOf(byIntroduction.values())) {
            peer.close(code, message);
        }
        for (ClientId peer : List.copyOf(openings.keySet())) {
            failed(peer, new ConecException(code, message));
        }
    }

    /** The link is gone, and with it the relay: what is open lives on, what was to be opened does not. */
    void linkLost(CloseReason reason) {
        restoring.clear();
        String message = "the link to the coordinator was lost: " + reason.message();
        for (PeerConnection peer : List.copyOf(byIntroduction.values())) {
            if (peer.isOpen()) {
                peer.relayLost();
            } else {
                peer.close(ErrorCode.CONNECTION_LOST, message);
            }
        }
        for (ClientId peer : List.copyOf(openings.keySet())) {
            failed(peer, new ConecException(ErrorCode.CONNECTION_LOST, message));
        }
    }

    /** The link is there again: asks for a relay for the channels that have lost theirs. */
    void linked() {
        for (PeerConnection peer : List.copyOf(byIntroduction.values())) {
            restore(peer);
        }
    }

    /** This client's own addresses have changed. */
    void localChange() {
        byProbeId.values().forEach(PeerPath::localChange);
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

    /** See {@link ConecClient#open}. */
    void open(ClientId peer, CompletableFuture<ConecChannel> opened) {
        ConnectedChannel existing = openChannel(peer);
        if (existing != null) {
            dispatcher.execute(() -> opened.complete(existing));
            return;
        }
        Opening opening = openings.get(peer);
        if (opening == null) {
            if (link().channel() == null) {
                ConecException lastError = link().status().lastError();
                String why = lastError == null ? "" : ": " + lastError.getMessage();
                dispatcher.execute(() -> opened.completeExceptionally(
                        new ConecException(ErrorCode.NOT_CONNECTED, "not connected to the coordinator" + why)));
                return;
            }
            opening = begin(peer);
        }
        opening.waiting.add(opened);
    }

    private Opening begin(ClientId peer) {
        long millis = config.transport().requestTimeout().toMillis();
        Opening opening = new Opening(
                ++lastRequest,
                endpoint()
                        .eventLoop()
                        .schedule(
                                () -> failed(
                                        peer,
                                        new ConecException(
                                                ErrorCode.TIMEOUT,
                                                "no channel to \"" + peer + "\" in " + millis + " ms")),
                                millis,
                                TimeUnit.MILLISECONDS));
        openings.put(peer, opening);
        if (isExpected(peer)) {
            return opening;
        }
        link().send(Control.newBuilder()
                .setOpenChannel(
                        OpenChannel.newBuilder().setRequest(opening.request).setPeer(peer.value()))
                .build());
        return opening;
    }

    private void restore(PeerConnection peer) {
        // Of a channel to oneself the dialling end asks, and the other is introduced.
        boolean asks = peer.route().isDialled() || !peer.peer().equals(config.id());
        if (!peer.isRelayLost() || !peer.isOpen() || !asks || link().channel() == null) {
            return;
        }
        long request = ++lastRequest;
        restoring.put(request, peer);
        link().send(Control.newBuilder()
                .setOpenChannel(OpenChannel.newBuilder()
                        .setRequest(request)
                        .setPeer(peer.peer().value())
                        .setRestores(peer.introduction()))
                .build());
    }

    private void restoreLater(PeerConnection peer) {
        long spread = RESTORE_AGAIN_MILLIS + 20L * restoring.size();
        long delay = RESTORE_AGAIN_MILLIS / 2 + ThreadLocalRandom.current().nextLong(spread);
        endpoint().eventLoop().schedule(() -> restore(peer), delay, TimeUnit.MILLISECONDS);
    }

    private void restoreAnswered(PeerConnection peer, ChannelAnswer answer) {
        switch (Protocol.errorCode(answer.getCode())) {
            case NO_ERROR -> {
                if (!answer.getCertificate().isEmpty()) {
                    restored(peer, answer.getIntroduction(), answer.getCertificate(), answer.getRelayHandle());
                }
            }
            case UNKNOWN_PEER, RATE_LIMITED, TIMEOUT -> restoreLater(peer);
            default ->
                // The peer, or a rule, or a newer channel: it will not be had again.
                peer.close(Protocol.errorCode(answer.getCode()), Protocol.reason(answer.getMessage()));
        }
    }

    private void restored(PeerConnection peer, long introduction, ByteString certificate, long relayHandle) {
        if (!peer.hasKeyOf(parse(certificate))) {
            throw new ConecException(
                    ErrorCode.CERTIFICATE_MISMATCH,
                    "the client that is now \"" + peer.peer() + "\" at the coordinator has another key");
        }
        byIntroduction.remove(key(peer), peer);
        peer.restored(introduction);
        byIntroduction.put(key(peer), peer);
        endpoint().rebindRoute(peer.route(), relayHandle);
        log.info("The coordinator relays for {} again", peer.channel());
        peer.path().relayRestored();
    }

    private static PeerKey key(PeerConnection peer) {
        return new PeerKey(peer.introduction(), peer.route().isDialled());
    }

    /** The channel that a peer wants to go on with; null if there is none. Of a channel to oneself the end that did not dial is introduced. */
    private @Nullable PeerConnection restorable(Introduction introduction, ClientId peer) {
        for (boolean dialled : new boolean[] {false, true}) {
            PeerConnection candidate = byIntroduction.get(new PeerKey(introduction.getRestores(), dialled));
            if (candidate != null && candidate.peer().equals(peer) && candidate.isOpen()) {
                return candidate;
            }
        }
        return null;
    }

    /** Whether the peer was introduced and is about to dial. Asking for it now would end what it is making. */
    private boolean isExpected(ClientId peer) {
        return byIntroduction.values().stream().anyMatch(each -> {
            ConnectedChannel channel = each.channel();
            return each.peer().equals(peer)
                    && !peer.equals(config.id())
                    && !each.route().isDialled()
                    && (channel == null || !channel.isOpen());
        });
    }

    // What the coordinator says.

    /** A peer wants a channel. */
    void introduced(Introduction introduction) {
        ClientId peer = new ClientId(introduction.getPeer());
        IntroductionReply.Builder reply =
                IntroductionReply.newBuilder().setIntroduction(introduction.getIntroduction());
        try {
            if (introduction.getRestores() != 0) {
                PeerConnection restorable = restorable(introduction, peer);
                if (restorable == null) {
                    throw new ConecException(
                            ErrorCode.CONNECTION_LOST, "\"" + config.id() + "\" has no longer an end of this channel");
                }
                restored(
                        restorable,
                        introduction.getIntroduction(),
                        introduction.getCertificate(),
                        introduction.getRelayHandle());
                link().send(Control.newBuilder().setIntroductionReply(reply).build());
                return;
            }
            if (!openings.containsKey(peer) && !accepts(peer)) {
                throw new ConecException(
                        ErrorCode.REFUSED, "\"" + config.id() + "\" accepts no channel from \"" + peer + "\"");
            }
            add(
                    introduction.getIntroduction(),
                    peer,
                    introduction.getCertificate(),
                    introduction.getRelayHandle(),
                    introduction.getOnLoopback(),
                    false);
        } catch (ConecException e) {
            log.info("Refused a channel from {}, {}: {}", peer, e.code(), e.getMessage());
            reply.setCode((int) e.code().code()).setMessage(Protocol.reason(e.getMessage()));
        }
        link().send(Control.newBuilder().setIntroductionReply(reply).build());
    }

    private boolean accepts(ClientId peer) {
        try {
            return config.acceptsPeer().test(peer);
        } catch (RuntimeException | Error e) {
            log.error("The predicate acceptsPeer failed on {}, which is refused", peer, e);
            return false;
        }
    }

    /** The answer to a request of this client's. */
    void answered(ChannelAnswer answer) {
        PeerConnection restored = restoring.remove(answer.getRequest());
        if (restored != null) {
            try {
                restoreAnswered(restored, answer);
            } catch (ConecException e) {
                tellEnded(answer.getIntroduction(), e.code(), e.getMessage());
                restored.close(e.code(), e.getMessage());
            }
            return;
        }
        Map.Entry<ClientId, Opening> asked = openings.entrySet().stream()
                .filter(each -> each.getValue().request == answer.getRequest())
                .findAny()
                .orElse(null);
        if (asked == null) {
            // Given up, or answered by the peer's own channel in the meantime.
            if (answer.getCode() == 0 && !answer.getCertificate().isEmpty()) {
                tellEnded(answer.getIntroduction(), ErrorCode.CANCELLED, "given up");
            }
            return;
        }
        ClientId peer = asked.getKey();
        if (answer.getCode() != 0) {
            failed(
                    peer,
                    new ConecException(Protocol.errorCode(answer.getCode()), Protocol.reason(answer.getMessage())));
        } else if (!answer.getCertificate().isEmpty()) {
            try {
                dial(add(
                        answer.getIntroduction(),
                        peer,
                        answer.getCertificate(),
                        answer.getRelayHandle(),
                        answer.getOnLoopback(),
                        true));
            } catch (ConecException e) {
                failed(peer, e);
                tellEnded(answer.getIntroduction(), e.code(), e.getMessage());
            }
        }
    }

    /** The other side's end of an introduction is gone. */
    void ended(ChannelEnded ended) {
        for (boolean dialled : new boolean[] {true, false}) {
            PeerConnection peer = byIntroduction.get(new PeerKey(ended.getIntroduction(), dialled));
            if (peer != null) {
                peer.endedByPeer(Protocol.errorCode(ended.getCode()), Protocol.reason(ended.getMessage()));
            }
        }
    }

    /** The peer has lost its link; the channel may live on. Whichever side can first asks for a new relay. */
    void relayLost(RelayLost lost) {
        for (boolean dialled : new boolean[] {true, false}) {
            PeerConnection peer = byIntroduction.get(new PeerKey(lost.getIntroduction(), dialled));
            if (peer != null && peer.isOpen()) {
                peer.relayLost();
                restoreLater(peer);
            } else if (peer != null) {
                peer.close(ErrorCode.CONNECTION_LOST, "\"" + peer.peer() + "\" has lost its link to the coordinator");
            }
        }
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

    private PeerConnection add(
            long introduction,
            ClientId peer,
            ByteString certificate,
            long relayHandle,
            boolean onLoopback,
            boolean dialled) {
        X509Certificate introduced = parse(certificate);
        CertificateNames.of(introduced).require(peer);
        if (byIntroduction.containsKey(new PeerKey(introduction, dialled))) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "the coordinator has used this introduction before");
        }
        PeerPath path = new PeerPath(paths(), onLoopback);
        PeerRoute route = endpoint().addRoute(relayHandle, dialled, path::wake);
        path.route(route);
        PathPolicy policy = peer.equals(config.id()) ? PathPolicy.RELAY_ONLY : config.path();
        PeerConnection connection = new PeerConnection(
                introduction,
                peer,
                route,
                introduced,
                Verification.ofPeer(peerTrust, peer.value(), introduced),
                endpoint().credentials(),
                path,
                policy,
                this);
        byIntroduction.put(key(connection), connection);
        byVirtualAddress.put(route.virtualAddress(), connection);
        byProbeId.put(path.probeId(), path);
        long millis = config.transport().handshakeTimeout().toMillis();
        endpoint().eventLoop().schedule(() -> connection.requireContact(millis), millis, TimeUnit.MILLISECONDS);
        return connection;
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

    @Override
    public @Nullable Acceptance accept(InetSocketAddress from) {
        PeerConnection peer = byVirtualAddress.get(from);
        if (peer == null || peer.channel() != null) {
            return null;
        }
        return new Acceptance(
                peer.verification(),
                connection -> peer.attach(connection, dispatcher, config.transport()),
                peer.credentials());
    }

    /** A peer connection has become a channel. */
    void opened(PeerConnection peer, ConnectedChannel channel) {
        for (PeerConnection other : List.copyOf(byIntroduction.values())) {
            if (other != peer && other.peer().equals(peer.peer()) && other.introduction() != peer.introduction()) {
                other.close(ErrorCode.REPLACED, "a newer channel to the same peer has opened");
            }
        }
        boolean loopback = peer.peer().equals(config.id());
        Opening opening = loopback && !peer.route().isDialled() ? null : openings.remove(peer.peer());
        if (opening != null) {
            opening.deadline.cancel(false);
            opening.waiting.forEach(waiting -> dispatcher.execute(() -> waiting.complete(channel)));
        }
    }

    /** A peer connection has ended, opened or not. */
    void closed(PeerConnection peer, CloseReason reason) {
        if (!byIntroduction.remove(key(peer), peer)) {
            return;
        }
        peer.path().close();
        byProbeId.remove(peer.path().probeId());
        byVirtualAddress.remove(peer.route().virtualAddress());
        endpoint().removeRoute(peer.route());
        tellEnded(peer.introduction(), reason.code(), reason.message());
        ConnectedChannel channel = peer.channel();
        if (channel == null || !channel.isOpen()) {
            failed(peer.peer(), reason.toException());
        }
    }

    private @Nullable ConnectedChannel openChannel(ClientId peer) {
        boolean loopback = peer.equals(config.id());
        for (PeerConnection each : byIntroduction.values()) {
            ConnectedChannel channel = each.channel();
            if (each.peer().equals(peer)
                    && channel != null
                    && channel.isOpen()
                    && (!loopback || each.route().isDialled())) {
                return channel;
            }
        }
        return null;
    }

    private void failed(ClientId peer, ConecException cause) {
        Opening opening = openings.remove(peer);
        if (opening != null) {
            opening.deadline.cancel(false);
            opening.waiting.forEach(waiting -> dispatcher.execute(() -> waiting.completeExceptionally(cause)));
        }
    }

    private void tellEnded(long introduction, ErrorCode code, String message) {
        link().send(Control.newBuilder()
                .setChannelEnded(ChannelEnded.newBuilder()
                        .setIntroduction(introduction)
                        .setCode((int) code.code())
                        .setMessage(Protocol.reason(message)))
                .build());
    }

    private static X509Certificate parse(ByteString der) {
        try (InputStream in = der.newInput()) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        } catch (CertificateException | java.io.IOException e) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "the introduced certificate is malformed", e);
        }
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
