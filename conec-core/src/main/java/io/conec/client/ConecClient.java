package io.conec.client;

import io.conec.ClientId;
import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ConecGroup;
import io.conec.ConecParty;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import io.conec.PresentClient;
import io.conec.Registration;
import io.conec.StreamHandler;
import io.conec.StreamOffer;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.transport.Endpoint;
import io.conec.internal.transport.EndpointConfig;
import io.conec.internal.transport.PacketCounts;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named party: connected to one coordinator, with channels to it and to other clients.
 *
 * <pre>{@code
 * ClientConfig config = ClientConfig.builder("alice", "coordinator.example.com").build();
 * try (ConecClient alice = new ConecClient(config)) {
 *     alice.start().join();
 *     ConecChannel bob = alice.open("bob").join();
 *     ConecStream stream = bob.openStream("greetings").join();
 *     stream.send("hello").join();
 * }
 * }</pre>
 *
 * <p>A channel to another client begins on the coordinator's relay and moves to a direct path when one is found, and back when that is lost; its streams do not notice
 * ({@link ConecChannel#path()}, {@link ConecEvent.PathChanged}, {@link PathPolicy}).
 *
 * <p>A client that has been started keeps reaching for its coordinator until it is closed: when the link is lost, it is made anew after the waits of {@link ReconnectPolicy}.
 * Channels to other clients outlive it. Those on a direct path go on; relayed ones pause until the link is back and the relay restored, or end after
 * {@link io.conec.TransportConfig#idleTimeout()}.
 *
 * <p>The clients of one JVM have two network threads for each processor, and four at least, and share them when there are more clients.
 *
 * <p>All methods may be called from any thread.
 */
public final class ConecClient implements ConecParty {
    private static final Logger log = LoggerFactory.getLogger(ConecClient.class);

    private final ClientConfig config;
    private volatile Identity identity;
    private Trust coordinatorTrust;
    private Trust peerTrust;
    private final Dispatcher dispatcher;
    private final PacketCounts counts = new PacketCounts();
    private volatile @Nullable Running running;

    /** What exists between start and close. */
    private record Running(
            Endpoint endpoint,
            CoordinatorLink link,
            PeerChannels peers,
            InterfaceWatch interfaces,
            CertificateRenewal renewal,
            ClientGroups groups,
            PresenceWatch presence) {}

    /**
     * Makes a client; nothing happens before {@link #start}.
     *
     * @throws ConecException with {@link ErrorCode#CERTIFICATE_NAME_MISMATCH} if the configured certificate does not name the id
     */
    public ConecClient(ClientConfig config) {
        this.config = config;
        Identity configured = config.identity();
        this.identity = configured != null ? configured : Identity.generate(config.id());
        identity.names().require(config.id());
        this.coordinatorTrust = config.coordinatorTrust();
        this.peerTrust = config.peerTrust();
        this.dispatcher = new Dispatcher(config.executor(), config.id().value());
    }

    /**
     * Binds the socket and begins to connect.
     *
     * @return completes when the client is registered, exceptionally when the first attempt fails, with a {@link ConecException} that says why; the client goes on trying
     * @throws ConecException with {@link ErrorCode#BIND_FAILED}, {@link ErrorCode#UNSUPPORTED_PLATFORM}, or {@link ErrorCode#CERTIFICATE_EXPIRED} for the client's own
     *     certificate
     * @throws IllegalStateException if it is running, or on a network thread, where {@link ClientConfig#acceptsPeer} and the predicates of {@link #onStream} run
     */
    public synchronized CompletableFuture<Void> start() {
        requireOffNetworkThreads();
        if (running != null) {
            throw new IllegalStateException("the client is running");
        }
        identity.requireValidAt(Instant.now());
        PeerChannels peers = new PeerChannels(config, dispatcher);
        EndpointConfig endpointConfig =
                new EndpointConfig(config.id().value(), config.bindAddress(), identity, false, config.transport());
        Endpoint endpoint = Endpoint.client(endpointConfig, counts, peers, peers);
        LocalCandidates candidates = new LocalCandidates(endpoint.localAddress(), config.candidates());
        CoordinatorLink link = new CoordinatorLink(config, dispatcher, peers, candidates);
        link.coordinatorTrust(coordinatorTrust);
        peers.peerTrust(peerTrust);
        CertificateRenewal renewal = new CertificateRenewal(config, dispatcher, endpoint, link);
        ClientGroups groups = new ClientGroups(config, dispatcher, endpoint);
        PresenceWatch presence = new PresenceWatch(config, dispatcher, endpoint);
        InterfaceWatch interfaces = new InterfaceWatch(endpoint, dispatcher, candidates, link, peers);
        running = new Running(endpoint, link, peers, interfaces, renewal, groups, presence);
        log.info("Client {} uses UDP {}", name(), endpoint.localAddress());
        CompletableFuture<Void> registered = new CompletableFuture<>();
        List<InetAddress> hosts =
                LocalCandidates.interfaces(endpoint.localAddress().getAddress());
        endpoint.execute(() -> {
            candidates.hosts(hosts);
            interfaces.start();
            peers.start(endpoint, link, candidates);
            link.start(endpoint, renewal, List.of(renewal, groups, presence), registered);
        });
        return registered;
    }

    /** What it was made from. */
    public ClientConfig config() {
        return config;
    }

    /** The key and certificate in use: the configured one, the one made for this client, or what replaced it. */
    public Identity identity() {
        return identity;
    }

    /** How it stands with its coordinator. */
    public ClientStatus status() {
        Running now = running;
        return now == null ? ClientStatus.STOPPED : now.link().status();
    }

    /**
     * The bound UDP address.
     *
     * @throws IllegalStateException unless running
     */
    public InetSocketAddress localAddress() {
        return require().endpoint().localAddress();
    }

    /** The channel to the coordinator, while connected. */
    public Optional<ConecChannel> coordinator() {
        Running now = running;
        return now == null ? Optional.empty() : Optional.ofNullable(now.link().channel());
    }

    /**
     * The channel to this peer: the one that is open, else a new one. Calls for one peer at the same moment, from both sides too, give one channel. The client's own id gives
     * a channel to itself, whose other end is in {@link #channels()} too.
     *
     * @return complete already if the channel is open; completes exceptionally with a {@link ConecException}: {@link ErrorCode#INVALID_ID}, {@link ErrorCode#NOT_CONNECTED} without a coordinator,
     *     {@link ErrorCode#UNKNOWN_PEER}, {@link ErrorCode#REFUSED} by the peer, {@link ErrorCode#CHANNEL_LIMIT}, {@link ErrorCode#RATE_LIMITED},
     *     {@link ErrorCode#CERTIFICATE_MISMATCH} and the other certificate codes, {@link ErrorCode#TIMEOUT} after
     *     {@link io.conec.TransportConfig#requestTimeout()}, {@link ErrorCode#CONNECTION_LOST} when the coordinator is lost meanwhile,
     *     {@link ErrorCode#SHUTTING_DOWN} when this client is closed meanwhile
     */
    public CompletableFuture<ConecChannel> open(String peer) {
        ClientId id;
        try {
            id = new ClientId(peer);
        } catch (ConecException e) {
            return CompletableFuture.failedFuture(e);
        }
        Running now = running;
        if (now == null) {
            return CompletableFuture.failedFuture(notRunning());
        }
        ConnectedChannel there = now.peers().opened(id);
        if (there != null && !Endpoint.isOnNetworkThread()) {
            return CompletableFuture.completedFuture(there);
        }
        CompletableFuture<ConecChannel> opened = new CompletableFuture<>();
        return begun(now.endpoint().execute(() -> now.peers().open(id, opened)), opened);
    }

    @Override
    public CompletableFuture<ConecGroup> join(String group, GroupOptions options) {
        Protocol.requireGroupName(group, ErrorCode.INVALID_CONFIGURATION);
        Running now = running;
        if (now == null) {
            return CompletableFuture.failedFuture(notRunning());
        }
        CompletableFuture<ConecGroup> joined = new CompletableFuture<>();
        return begun(now.endpoint().execute(() -> now.groups().join(group, options, joined)), joined);
    }

    @Override
    public List<ConecGroup> groups() {
        Running now = running;
        return now == null ? List.of() : now.groups().joined();
    }

    /**
     * The other clients that are connected to the coordinator right now and that this client may see, sorted by id. From the first call on, or from the start with
     * {@link ClientConfig#watchPresence()}, the coordinator keeps this client informed, and {@link io.conec.ConecEvent.ClientJoined} and
     * {@link io.conec.ConecEvent.ClientLeft} tell of each change.
     *
     * @return at the first call completes when the whole list has come; completes exceptionally with a {@link ConecException}: {@link ErrorCode#NOT_CONNECTED} without a
     *     coordinator, {@link ErrorCode#UNSUPPORTED_VERSION} if the coordinator does not tell, {@link ErrorCode#TIMEOUT} after
     *     {@link io.conec.TransportConfig#requestTimeout()}
     */
    public CompletableFuture<List<PresentClient>> presence() {
        Running now = running;
        if (now == null) {
            return CompletableFuture.failedFuture(notRunning());
        }
        CompletableFuture<List<PresentClient>> present = new CompletableFuture<>();
        return begun(now.endpoint().execute(() -> now.presence().list(present)), present);
    }

    /**
     * From now on this client proves itself with this key and certificate. The link and the channels that exist go on. A coordinator to which the client is connected is told, so that it introduces
     * the client to others by the new certificate.
     *
     * <p>After a change of the key, not only of the certificate, the relay of channels that are older cannot be restored when the link is lost: they end then.
     *
     * @return completes when the new certificate is in use, which without a link is at once; completes exceptionally with a {@link ConecException} if the coordinator does not
     *     take it: {@link ErrorCode#CERTIFICATE_NOT_TRUSTED}, {@link ErrorCode#CERTIFICATE_EXPIRED}, {@link ErrorCode#NOT_ALLOWED}, {@link ErrorCode#TIMEOUT}. Then the old one
     *     stays in use until the link is made anew
     * @throws ConecException with {@link ErrorCode#CERTIFICATE_NAME_MISMATCH} if it does not name this client's id, or {@link ErrorCode#CERTIFICATE_EXPIRED}; then the old
     *     one stays
     */
    public CompletableFuture<Void> replaceIdentity(Identity replacement) {
        replacement.names().require(config.id());
        replacement.requireValidAt(Instant.now());
        CompletableFuture<Void> inUse = new CompletableFuture<>();
        Running now;
        synchronized (this) {
            identity = replacement;
            now = running;
        }
        if (now == null || !now.endpoint().execute(() -> now.renewal().replace(replacement, inUse))) {
            inUse.complete(null);
        }
        return inUse;
    }

    /**
     * From now on this decides which coordinator certificate is accepted. The link that exists goes on.
     *
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} for {@link Trust#selfSigned()}
     */
    public synchronized void replaceCoordinatorTrust(Trust trust) {
        ClientConfig.requireForCoordinators(trust);
        coordinatorTrust = trust;
        Running now = running;
        if (now != null) {
            now.link().coordinatorTrust(trust);
        }
    }

    /**
     * From now on this decides which peers' certificates are accepted, besides being the introduced ones. Channels that exist go on.
     *
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} for a trust that is not for clients
     */
    public synchronized void replacePeerTrust(Trust trust) {
        ClientConfig.requireForClients(trust);
        peerTrust = trust;
        Running now = running;
        if (now != null) {
            now.peers().peerTrust(trust);
        }
    }

    @Override
    public String name() {
        return config.id().value();
    }

    @Override
    public List<ConecChannel> channels() {
        Running now = running;
        if (now == null) {
            return List.of();
        }
        List<ConecChannel> channels = new ArrayList<>();
        coordinator().ifPresent(channels::add);
        channels.addAll(now.peers().channels());
        return channels;
    }

    @Override
    public Registration onStream(Predicate<StreamOffer> accepts, StreamHandler handler) {
        return dispatcher.onStream(accepts, handler);
    }

    @Override
    public Registration onEvent(Consumer<ConecEvent> listener) {
        return dispatcher.onEvent(listener);
    }

    @Override
    public boolean isRunning() {
        return running != null;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException on a network thread, where {@link ClientConfig#acceptsPeer} and the predicates of {@link #onStream} run
     */
    @Override
    public synchronized void close() {
        requireOffNetworkThreads();
        Running now = running;
        if (now == null) {
            return;
        }
        running = null;
        now.endpoint().close(() -> {
            now.interfaces().close();
            now.renewal().close();
            now.groups().close();
            now.presence().close();
            now.peers().close(ErrorCode.SHUTTING_DOWN, "\"" + name() + "\" is shutting down");
            now.link().close();
        });
        log.info("Client {} has closed", name());
    }

    /** Clients share them, and to wait for this client's may be to wait for oneself. */
    private static void requireOffNetworkThreads() {
        if (Endpoint.isOnNetworkThread()) {
            throw new IllegalStateException("clients cannot be started or closed on a network thread: use another");
        }
    }

    private static <T> CompletableFuture<T> begun(boolean runs, CompletableFuture<T> outcome) {
        return runs
                ? outcome
                : CompletableFuture.failedFuture(new ConecException(ErrorCode.NOT_CONNECTED, "the client was closed"));
    }

    private static ConecException notRunning() {
        return new ConecException(ErrorCode.NOT_CONNECTED, "the client is not running");
    }

    private Running require() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("the client is not running");
        }
        return now;
    }
}
