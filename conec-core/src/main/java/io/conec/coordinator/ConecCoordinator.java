package io.conec.coordinator;

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
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.transport.Endpoint;
import io.conec.internal.transport.EndpointConfig;
import io.conec.internal.transport.PacketCounts;
import io.conec.security.CertificateNames;
import io.conec.security.Fingerprint;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The party that everybody reaches: lets clients register, introduces them to each other, relays their encrypted packets, and talks with each over its channel.
 *
 * <pre>{@code
 * Identity identity = Identity.loadOrCreate(Path.of(".conec"), () -> Identity.generateForHosts(List.of("localhost")));
 * try (ConecCoordinator coordinator = new ConecCoordinator(CoordinatorConfig.builder(identity).build())) {
 *     coordinator.onStream("echo", stream -> { ... });
 *     coordinator.start();
 *     ...
 * }
 * }</pre>
 *
 * <p>All methods may be called from any thread.
 */
public final class ConecCoordinator implements ConecParty {
    private static final Logger log = LoggerFactory.getLogger(ConecCoordinator.class);

    private final CoordinatorConfig config;
    private final Dispatcher dispatcher;
    private final AccessControl access;
    private volatile Identity identity;
    private Trust clientTrust;
    private final PacketCounts counts = new PacketCounts();
    private final LongAdder introductions = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private volatile @Nullable Running running;

    /** What exists between start and close. */
    private record Running(Endpoint endpoint, ClientLinks links) {}

    /** Makes a coordinator; nothing happens before {@link #start}. */
    public ConecCoordinator(CoordinatorConfig config) {
        this.config = config;
        this.dispatcher = new Dispatcher(config.executor(), "coordinator");
        this.identity = config.identity();
        this.clientTrust = config.clientTrust();
        this.access = new AccessControl(
                config.access(),
                dispatcher,
                // Before the client that asks gives up waiting, so that it hears why.
                config.transport().requestTimeout().toMillis() / 2);
    }

    /**
     * Binds the socket and lets clients in.
     *
     * @throws ConecException with {@link ErrorCode#BIND_FAILED}, {@link ErrorCode#UNSUPPORTED_PLATFORM}, or {@link ErrorCode#CERTIFICATE_EXPIRED} for the coordinator's own
     *     certificate
     * @throws IllegalStateException if it is running
     */
    public synchronized void start() {
        if (running != null) {
            throw new IllegalStateException("the coordinator is running");
        }
        identity.requireValidAt(Instant.now());
        RelayTable relayed = new RelayTable(config.relayThreads() > 0, System.nanoTime());
        ClientLinks links = new ClientLinks(config, name(), access, dispatcher, relayed, introductions, refused);
        links.clientTrust(clientTrust);
        EndpointConfig endpointConfig = new EndpointConfig(
                "coordinator", config.bindAddress(), identity, config.statelessRetry(), config.transport());
        Supplier<Relay> relay = () -> new Relay(relayed, counts, System::nanoTime);
        Endpoint endpoint = Endpoint.coordinator(endpointConfig, counts, links, relay.get());
        endpoint.executeAndWait(() -> {
            relayed.start(endpoint.eventLoop());
            links.start(endpoint.eventLoop());
        });
        try {
            endpoint.relayOn(Stream.generate(relay).limit(config.relayThreads()).toList());
        } catch (Error e) {
            // No memory for a thread, for example.
            endpoint.close(links::close);
            throw e;
        }
        running = new Running(endpoint, links);
        log.info(
                "Coordinator {} listens on UDP {}, certificate SHA-256 {}",
                name(),
                endpoint.localAddress(),
                identity.fingerprint());
    }

    @Override
    public CompletableFuture<ConecGroup> join(String group, GroupOptions options) {
        Protocol.requireGroupName(group, ErrorCode.INVALID_CONFIGURATION);
        Running now = running;
        CompletableFuture<ConecGroup> joined = new CompletableFuture<>();
        if (now == null || !now.endpoint().execute(() -> now.links().groups().join(group, options, joined))) {
            joined.completeExceptionally(new ConecException(ErrorCode.NOT_CONNECTED, "the coordinator is not running"));
        }
        return joined;
    }

    @Override
    public List<ConecGroup> groups() {
        Running now = running;
        return now == null ? List.of() : now.links().groups().own();
    }

    /** The groups that exist, whoever their members are. A snapshot. */
    public List<HostedGroup> hostedGroups() {
        Running now = running;
        return now == null ? List.of() : now.links().groups().hosted();
    }

    /** The clients that are connected, sorted by id. A snapshot. */
    public List<PresentClient> presence() {
        Running now = running;
        return now == null
                ? List.of()
                : now.links().directory().all().stream()
                        .map(ConnectedClient::present)
                        .sorted(Comparator.comparing(PresentClient::id))
                        .toList();
    }

    /** Who may do what right now. */
    public AccessPolicy accessPolicy() {
        return access.policy();
    }

    /**
     * From now on this decides who may do what. Everything that exists is checked again, and what is not allowed any more ends: links, introductions with their channels,
     * memberships, streams to this coordinator, and what clients see of each other. Both sides are told {@link ErrorCode#NOT_ALLOWED}.
     *
     * <p>Clients end a channel between them when they are told, and the relay stops soon. A direct path between two clients that both take no notice is out of the coordinator's reach.
     *
     * @return completes when everything has been told to end; within 5 s, unless the authorizer takes longer to answer for all that exists
     */
    public CompletableFuture<Void> replaceAccessPolicy(AccessPolicy policy) {
        access.replace(policy);
        return recheck();
    }

    /** {@link #replaceAccessPolicy} with the policy as it is: for an authorizer that has changed its mind. */
    public CompletableFuture<Void> recheckAccess() {
        access.reconsider();
        return recheck();
    }

    private CompletableFuture<Void> recheck() {
        CompletableFuture<Void> checked = new CompletableFuture<>();
        Running now = running;
        Runnable done = () -> dispatcher.execute(() -> checked.complete(null));
        if (now == null || !now.endpoint().execute(() -> now.links().recheck(done))) {
            checked.complete(null);
        }
        return checked;
    }

    /**
     * From now on no client may have this id, whatever the policy says; one that has it is thrown out with {@link ErrorCode#NOT_ALLOWED}, and its channels and memberships end. If it has no link at the
     * moment, its peers hear of it when they ask for a new relay, about once a second. Holds until it is {@link #reinstate(ClientId) taken back} or this object is gone: it is not stored anywhere.
     *
     * @return completes when it has been thrown out
     */
    public CompletableFuture<Void> revoke(ClientId id) {
        access.revokedIds().add(id);
        return recheckAccess();
    }

    /** As {@link #revoke(ClientId)}, for whoever presents the certificate with this fingerprint. */
    public CompletableFuture<Void> revoke(Fingerprint certificate) {
        access.revokedCertificates().add(certificate);
        return recheckAccess();
    }

    /** Takes a revocation back. */
    public void reinstate(ClientId id) {
        access.revokedIds().remove(id);
    }

    /** Takes a revocation back. */
    public void reinstate(Fingerprint certificate) {
        access.revokedCertificates().remove(certificate);
    }

    /** The ids that are revoked. A snapshot. */
    public Set<ClientId> revokedIds() {
        return Set.copyOf(access.revokedIds());
    }

    /** The certificates that are revoked. A snapshot. */
    public Set<Fingerprint> revokedCertificates() {
        return Set.copyOf(access.revokedCertificates());
    }

    /** The key and certificate in use: the configured one, or what replaced it. */
    public Identity identity() {
        return identity;
    }

    /**
     * From now on new connections are shown this certificate. Those that exist go on, and so do the channels in them.
     *
     * <p>Clients that know this coordinator by its fingerprint have to be told the new one before they connect again.
     *
     * @throws ConecException with {@link ErrorCode#CERTIFICATE_EXPIRED}; then the old one stays
     */
    public synchronized void replaceIdentity(Identity replacement) {
        replacement.requireValidAt(Instant.now());
        identity = replacement;
        Running now = running;
        if (now != null) {
            now.endpoint().use(now.endpoint().prepare(replacement));
        }
        log.info("Coordinator {} has a new certificate, SHA-256 {}", name(), replacement.fingerprint());
    }

    /**
     * From now on this decides which client certificates are let in. Clients that are connected stay: to throw one out, {@link #revoke(Fingerprint) revoke} its certificate.
     *
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} for a trust that is not for clients
     */
    public synchronized void replaceClientTrust(Trust trust) {
        CoordinatorConfig.requireForClients(trust);
        clientTrust = trust;
        Running now = running;
        if (now != null) {
            now.links().clientTrust(trust);
        }
    }

    /** What it was made from. */
    public CoordinatorConfig config() {
        return config;
    }

    /**
     * The bound UDP address.
     *
     * @throws IllegalStateException unless running
     */
    public InetSocketAddress localAddress() {
        Running now = running;
        if (now == null) {
            throw new IllegalStateException("the coordinator is not running");
        }
        return now.endpoint().localAddress();
    }

    /** What it has done since it was made; counts of clients and channels are of now. */
    public CoordinatorStatistics statistics() {
        Running now = running;
        return new CoordinatorStatistics(
                now == null ? 0 : now.links().directory().size(),
                introductions.sum(),
                now == null ? 0 : now.links().relayedChannels(),
                counts.relayedPackets(),
                counts.relayedBytes(),
                counts.droppedPackets(),
                refused.sum());
    }

    /** The channel to that client, while it is connected. */
    public Optional<ConecChannel> client(String id) {
        return channels().stream().filter(channel -> channel.peer().equals(id)).findAny();
    }

    @Override
    public String name() {
        CertificateNames names = identity.names();
        return names.dns().stream()
                .findFirst()
                .or(() -> names.addresses().stream().findFirst())
                .orElse("coordinator");
    }

    @Override
    public List<ConecChannel> channels() {
        Running now = running;
        return now == null ? List.of() : now.links().channels();
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

    @Override
    public synchronized void close() {
        Running now = running;
        if (now == null) {
            return;
        }
        running = null;
        now.endpoint().close(now.links()::close);
        log.info("Coordinator {} has closed", name());
    }
}
