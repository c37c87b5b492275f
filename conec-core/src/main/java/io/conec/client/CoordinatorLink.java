package io.conec.client;

import io.conec.ChannelPath;
import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.protocol.ClientHello;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.CoordinatorHello;
import io.conec.internal.protocol.Header;
import io.conec.internal.protocol.LinkCheck;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.TransportAddress;
import io.conec.internal.transport.Connection;
import io.conec.internal.transport.Credentials;
import io.conec.internal.transport.Endpoint;
import io.conec.internal.transport.Verification;
import io.conec.security.Trust;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's link to its coordinator, made again whenever it is lost. Owned by the event loop; status and channel are for any thread.
 *
 * <pre>
 * STOPPED --start--> CONNECTING --registered--> CONNECTED
 *                        |  ^                       |
 *                     failed|delay over             lost
 *                        v  |                       |
 *                      WAITING <--------------------'        close: any --> STOPPED
 * </pre>
 */
final class CoordinatorLink implements ConnectedChannel.Role {
    /** Between checks of a coordinator that does not answer; and the shortest time that is given to an attempt before another takes its place. */
    private static final long KNOCK_MILLIS = 1_000;

    /** Whatever asks for a check of the link, it is not checked more often. */
    private static final long SHORTEST_CHECK_MILLIS = 200;

    private static final Logger log = LoggerFactory.getLogger(CoordinatorLink.class);

    private final ClientConfig config;
    private final Dispatcher dispatcher;
    private final PeerChannels peers;
    private final LocalCandidates candidates;
    private volatile Verification verification;
    private volatile ClientStatus status = ClientStatus.STOPPED;
    private volatile @Nullable ConnectedChannel registered;
    private @Nullable Endpoint endpoint;
    private List<LinkService> services = List.of();
    private @Nullable CertificateRenewal renewal;
    private @Nullable ConnectedChannel current;
    private @Nullable CompletableFuture<Void> firstOutcome;
    private @Nullable ScheduledFuture<?> attemptDeadline;
    private @Nullable ScheduledFuture<?> retry;
    private @Nullable ScheduledFuture<?> knocks;
    private long linkHandle;
    private long checkedAt;
    private long attemptedAt;
    private boolean asked;
    private boolean knocked;
    private boolean silent;
    private int failures;
    private int attempts;
    private long registrations;

    CoordinatorLink(ClientConfig config, Dispatcher dispatcher, PeerChannels peers, LocalCandidates candidates) {
        this.config = config;
        this.dispatcher = dispatcher;
        this.peers = peers;
        this.candidates = candidates;
        this.verification = Verification.ofCoordinator(config.coordinatorTrust(), config.coordinatorHost());
    }

    void start(
            Endpoint value,
            CertificateRenewal certificateRenewal,
            List<LinkService> linkServices,
            CompletableFuture<Void> outcome) {
        endpoint = value;
        renewal = certificateRenewal;
        services = linkServices;
        firstOutcome = outcome;
        knocks = value.eventLoop().scheduleAtFixedRate(this::knock, KNOCK_MILLIS, KNOCK_MILLIS, TimeUnit.MILLISECONDS);
        attempt();
    }

    void close() {
        move(ClientStatus.State.STOPPED, null);
        if (knocks != null) {
            knocks.cancel(false);
        }
        if (retry != null) {
            retry.cancel(false);
        }
        if (current != null) {
            current.connection().close(ErrorCode.SHUTTING_DOWN, "the client is shutting down");
        }
        ended(new ConecException(ErrorCode.SHUTTING_DOWN, "the client was closed"));
    }

    /** Coordinators that are connected to from now on are checked by this. Any thread. */
    void coordinatorTrust(Trust trust) {
        verification = Verification.ofCoordinator(trust, config.coordinatorHost());
    }

    ClientStatus status() {
        return status.withNatMapping(candidates.mapping());
    }

    @Nullable
    ConecChannel channel() {
        return registered;
    }

    /** Sends a control message to the coordinator; does nothing without a link. */
    void send(Control message) {
        ConnectedChannel link = registered;
        if (link != null) {
            link.send(message);
        }
    }

    /** Asks the coordinator what it knows of the link: packets get lost, and that may be why. */
    void check() {
        long now = millis();
        if (status.state() == ClientStatus.State.CONNECTED && now - checkedAt >= SHORTEST_CHECK_MILLIS) {
            checkedAt = now;
            asked = true;
            sendCheck(linkHandle);
        }
    }

    /** The coordinator has answered a check, or says so. */
    void checked(LinkCheck answer) {
        switch (status.state()) {
            case CONNECTED -> {
                // An answer that nobody asked for would have all peers told where this client is, as often as it comes.
                if (asked && answer.handle() == linkHandle) {
                    asked = false;
                    checkedWhileConnected(answer);
                }
            }
            case CONNECTING, WAITING -> {
                knocked = false;
                if (silent) {
                    silent = false;
                    log.info("Coordinator {} answers again", status.coordinator());
                    attemptNow();
                }
            }
            case STOPPED -> {
                // Too late.
            }
        }
    }

    private void checkedWhileConnected(LinkCheck answer) {
        switch (answer.status()) {
            case KNOWN -> observed(answer.observed());
            case UNKNOWN -> lose("the coordinator has been restarted or has ended the link");
            case MOVED -> lose("the coordinator sees this client at another address now, " + answer.observed());
        }
    }

    private void lose(String why) {
        if (registered != null) {
            registered.connection().close(ErrorCode.CONNECTION_LOST, why);
        }
    }

    private void observed(@Nullable InetSocketAddress address) {
        if (address != null && candidates.observed(address, status.coordinator())) {
            log.debug("The coordinator sees this client at {}", address);
            peers.localChange();
        }
    }

    /** Tries whether a coordinator that was not there is back, once a second. */
    private void knock() {
        switch (status.state()) {
            case CONNECTING, WAITING -> {
                // A coordinator that was not there and answers is worth an attempt at once, whatever the back-off says.
                silent |= knocked;
                if (status.coordinator() != null) {
                    knocked = true;
                    sendCheck(linkHandle);
                }
            }
            case CONNECTED, STOPPED -> {
                // It is there, or nobody wants it.
            }
        }
    }

    private void sendCheck(long handle) {
        InetSocketAddress coordinator = status.coordinator();
        if (coordinator != null) {
            endpoint().send(new DatagramPacket(LinkCheck.encodeCheck(endpoint().allocator(), handle), coordinator));
            endpoint().flush();
        }
    }

    private void attemptNow() {
        if (status.state() == ClientStatus.State.WAITING) {
            if (retry != null) {
                retry.cancel(false);
            }
            attempt();
        } else if (status.state() == ClientStatus.State.CONNECTING && millis() - attemptedAt >= KNOCK_MILLIS / 2) {
            ConnectedChannel abandoned = current;
            current = null;
            cancelDeadline();
            if (abandoned != null) {
                abandoned.connection().close(ErrorCode.CONNECT_FAILED, "given up for another attempt");
            }
            attempt();
        }
    }

    private static long millis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private void attempt() {
        if (status.state() == ClientStatus.State.STOPPED && attempts > 0) {
            return;
        }
        retry = null;
        attemptedAt = millis();
        attempts++;
        move(ClientStatus.State.CONNECTING, null);
        String host = config.coordinatorAddress() != null ? config.coordinatorAddress() : config.coordinatorHost();
        InetAddress literal = NetUtil.createInetAddressFromIpAddressString(host);
        if (literal != null) {
            dial(new InetSocketAddress(literal, config.coordinatorPort()));
            return;
        }
        int attempt = attempts;
        // The lookup blocks.
        dispatcher.execute(() -> {
            try {
                InetAddress[] addresses = InetAddress.getAllByName(host);
                InetAddress address = choose(addresses, attempt);
                endpoint().execute(() -> dial(new InetSocketAddress(address, config.coordinatorPort())));
            } catch (UnknownHostException e) {
                endpoint()
                        .execute(() -> failed(new CloseReason(
                                ErrorCode.CONNECT_FAILED,
                                "the coordinator's host \"" + ClientId.escape(host) + "\" has no address",
                                false)));
            }
        });
    }

    /** One after the other, as one of them may not be reachable from here; first the one that the system prefers. */
    static InetAddress choose(InetAddress[] addresses, int attempt) {
        return addresses[(attempt - 1) % addresses.length];
    }

    private void dial(InetSocketAddress address) {
        if (status.state() != ClientStatus.State.CONNECTING) {
            return;
        }
        status = new ClientStatus(
                status.state(), status.since(), address, status.reconnects(), status.lastError(), status.natMapping());
        endpoint().coordinatorAddress(address);
        long millis = config.connectTimeout().toMillis();
        Connection connection = dial(renewal().forNewLink(), dialled -> {
            ConnectedChannel channel =
                    new ConnectedChannel(dialled, ConecChannel.Kind.COORDINATOR, dispatcher, config.transport(), this);
            current = channel;
            return channel;
        });
        attemptDeadline = endpoint()
                .eventLoop()
                .schedule(
                        () -> connection.close(ErrorCode.CONNECT_FAILED, noAnswer(address, millis)),
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    /** Dials the coordinator, where it is known to be. */
    Connection dial(Credentials by, Function<Connection, Connection.Listener> listener) {
        return endpoint().dial(endpoint().coordinatorAddress(), config.coordinatorHost(), verification, by, listener);
    }

    @Override
    public void established(ConnectedChannel link) {
        link.send(Control.newBuilder()
                .setClientHello(ClientHello.newBuilder()
                        .setVersion(Protocol.version())
                        .setClientId(config.id().value())
                        .addAllAttributes(config.attributes().entrySet().stream()
                                .map(each -> Header.newBuilder()
                                        .setName(each.getKey())
                                        .setValue(each.getValue())
                                        .build())
                                .toList()))
                .build());
    }

    @Override
    public void control(ConnectedChannel link, Control message) {
        if (!link.isOpen()) {
            if (!message.hasCoordinatorHello()) {
                throw new ConecException(
                        ErrorCode.PROTOCOL_VIOLATION, "expected the coordinator's hello, got " + message.getKindCase());
            }
            welcome(link, message.getCoordinatorHello());
            return;
        }
        switch (message.getKindCase()) {
            case INTRODUCTION -> peers.introduced(message.getIntroduction());
            case CHANNEL_ANSWER -> peers.answered(message.getChannelAnswer());
            case CHANNEL_ENDED -> peers.ended(message.getChannelEnded());
            case RENEWAL_TOKEN -> renewal().token(message.getRenewalToken().getToken());
            case CERTIFICATE_RENEWED -> renewal().renewed();
            case RELAY_LOST -> peers.relayLost(message.getRelayLost());
            default ->
                throw new ConecException(
                        ErrorCode.PROTOCOL_VIOLATION, "unexpected " + message.getKindCase() + " from the coordinator");
        }
    }

    @Override
    public void keptAlive(ConnectedChannel link) {
        check();
    }

    @Override
    public void closed(ConnectedChannel link, CloseReason reason) {
        if (link != current) {
            return;
        }
        current = null;
        boolean wasRegistered = registered == link;
        registered = null;
        cancelDeadline();
        if (wasRegistered) {
            services.forEach(LinkService::linkDown);
            peers.linkLost(reason);
        }
        failed(
                !wasRegistered && reason.code() == ErrorCode.TIMEOUT && !reason.byPeer()
                        // The channel's own deadline was the shorter one.
                        ? new CloseReason(
                                ErrorCode.CONNECT_FAILED,
                                noAnswer(
                                        status.coordinator(),
                                        config.transport().handshakeTimeout().toMillis()),
                                false)
                        : reason);
    }

    private static String noAnswer(@Nullable InetSocketAddress address, long millis) {
        return "no answer from the coordinator at " + address + " in " + millis + " ms";
    }

    private void welcome(ConnectedChannel link, CoordinatorHello hello) {
        cancelDeadline();
        failures = 0;
        knocked = false;
        silent = false;
        registered = link;
        linkHandle = hello.getLinkHandle();
        checkedAt = millis();
        InetSocketAddress address = status.coordinator();
        ClientStatus before = status;
        status = new ClientStatus(
                ClientStatus.State.CONNECTED,
                Instant.now(),
                address,
                registrations++ == 0 ? 0 : before.reconnects() + 1,
                before.lastError(),
                before.natMapping());
        log.info("Client {} is registered at {} ({})", config.id(), config.coordinatorHost(), address);
        observed(TransportAddress.of(hello.getObservedAddress(), hello.getObservedPort()));
        InetSocketAddress remote = address != null ? address : new InetSocketAddress(config.coordinatorPort());
        link.open(
                config.coordinatorHost(),
                new ChannelPath(
                        ChannelPath.Kind.DIRECT,
                        endpoint().localAddress(),
                        remote,
                        Duration.ZERO,
                        Instant.now(),
                        "a coordinator link is always direct"));
        dispatcher.publish(new ConecEvent.Connected(link));
        peers.linked();
        Set<String> features = Set.copyOf(hello.getVersion().getFeaturesList());
        services.forEach(service -> service.linkUp(link, features));
        CompletableFuture<Void> outcome = firstOutcome;
        if (outcome != null) {
            firstOutcome = null;
            dispatcher.execute(() -> outcome.complete(null));
        }
    }

    private void failed(CloseReason reason) {
        if (status.state() == ClientStatus.State.STOPPED) {
            return;
        }
        ConecException cause = new ConecException(
                reason.code() == ErrorCode.NO_ERROR ? ErrorCode.CONNECTION_LOST : reason.code(),
                reason.message().isEmpty() ? reason.toException().getMessage() : reason.message());
        // Whoever holds the key now is not to be thrown out again at once: two clients with one identity would take
        // turns.
        Duration delay = reason.code() == ErrorCode.REPLACED
                ? config.reconnect().maxDelay()
                : config.reconnect().delay(failures, ThreadLocalRandom.current().nextDouble());
        failures++;
        move(ClientStatus.State.WAITING, cause);
        InetSocketAddress coordinator = status.coordinator();
        log.warn(
                "Client {} has no link to coordinator {}, {}: {}. Trying again in {} ms",
                config.id(),
                coordinator != null ? coordinator : config.coordinatorHost(),
                cause.code(),
                cause.getMessage(),
                delay.toMillis());
        dispatcher.publish(new ConecEvent.Disconnected(
                coordinator != null
                        ? coordinator
                        : InetSocketAddress.createUnresolved(config.coordinatorHost(), config.coordinatorPort()),
                reason,
                delay));
        ended(cause);
        retry = endpoint().eventLoop().schedule(this::attempt, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The first attempt had this outcome, if it is the first. */
    private void ended(ConecException cause) {
        CompletableFuture<Void> outcome = firstOutcome;
        if (outcome != null) {
            firstOutcome = null;
            dispatcher.execute(() -> outcome.completeExceptionally(cause));
        }
    }

    private void move(ClientStatus.State state, @Nullable ConecException error) {
        ClientStatus before = status;
        status = new ClientStatus(
                state,
                Instant.now(),
                before.coordinator(),
                before.reconnects(),
                error != null ? error : before.lastError(),
                before.natMapping());
    }

    private void cancelDeadline() {
        if (attemptDeadline != null) {
            attemptDeadline.cancel(false);
            attemptDeadline = null;
        }
    }

    private CertificateRenewal renewal() {
        if (renewal == null) {
            throw new IllegalStateException("not started");
        }
        return renewal;
    }

    private Endpoint endpoint() {
        if (endpoint == null) {
            throw new IllegalStateException("not started");
        }
        return endpoint;
    }
}
