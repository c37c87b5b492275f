package io.conec.coordinator;

import com.google.protobuf.ByteString;
import io.conec.ChannelPath;
import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.channel.DataStream;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.channel.Incoming;
import io.conec.internal.protocol.ClientHello;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.CoordinatorHello;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.StreamHeader;
import io.conec.internal.transport.Acceptor;
import io.conec.internal.transport.Connection;
import io.conec.internal.transport.Verification;
import io.conec.security.CertificateNames;
import io.conec.security.Trust;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The coordinator's end of all client links: lets clients register, and hands what they say to whom it is for. Owned by the event loop; the accessors are for any
 * thread.
 */
final class ClientLinks implements Acceptor, ConnectedChannel.Role {
    /** An unanswered introduction is noticed at most this much late. */
    private static final long EXPIRY_CHECK_MILLIS = 250;

    /** Much longer than a round trip, much shorter than the idle timeout. */
    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(3);

    private static final Logger log = LoggerFactory.getLogger(ClientLinks.class);

    private final CoordinatorConfig config;
    private final Dispatcher dispatcher;
    private final RelayTable relay;
    private final Directory directory;
    private final ClientIntroductions introductions;
    private final AccessControl access;
    private final String name;
    private final Set<ConnectedChannel> greeting = new HashSet<>();
    private final Renewals renewals;
    /** Connections that prove a new certificate of a client that has a link. */
    private final Set<ConnectedChannel> renewing = new HashSet<>();

    private volatile Verification clientVerification;
    private final Map<ConnectedChannel, ConnectedClient> registered = new HashMap<>();
    private final Set<ConnectedChannel> links = ConcurrentHashMap.newKeySet();
    private final SecureRandom random = new SecureRandom();
    private final LongAdder refused;
    private @Nullable Services services;
    private int handshakes;
    private boolean closing;

    /** What clients open streams to, besides the application. */
    private record Services(EventLoop eventLoop, Groups groups, PresenceStreams presence) {}

    /**
     * With the coordinator's counts, which go on when it starts again, as its rules do.
     *
     * @param name the coordinator's
     */
    ClientLinks(
            CoordinatorConfig config,
            String name,
            AccessControl access,
            Dispatcher dispatcher,
            RelayTable relay,
            LongAdder introductionsMade,
            LongAdder refused) {
        this.name = name;
        this.access = access;
        this.refused = refused;
        this.config = config;
        this.dispatcher = dispatcher;
        this.relay = relay;
        this.directory = new Directory(config.maxClients());
        this.clientVerification = Verification.ofClient(config.clientTrust());
        this.introductions = new ClientIntroductions(
                config, access, directory, relay, () -> nonZero(random), introductionsMade, refused);
        this.renewals = new Renewals(
                random,
                introductions::isUndecided,
                config.transport().requestTimeout().toMillis() / 2);
    }

    void start(EventLoop eventLoop) {
        services = new Services(
                eventLoop,
                new Groups(config, name, access, refused::increment, dispatcher, eventLoop),
                new PresenceStreams(access, directory, eventLoop));
        eventLoop.scheduleAtFixedRate(
                () -> {
                    introductions.expire();
                    renewals.expire(monotonicMillis());
                },
                EXPIRY_CHECK_MILLIS,
                EXPIRY_CHECK_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    void close() {
        closing = true;
        groups().close();
        for (ConnectedChannel link : List.copyOf(links)) {
            link.connection().close(ErrorCode.SHUTTING_DOWN, "the coordinator is shutting down");
        }
    }

    Directory directory() {
        return directory;
    }

    Groups groups() {
        return services().groups();
    }

    /** From now on clients' certificates are checked by this. Any thread. */
    void clientTrust(Trust trust) {
        clientVerification = Verification.ofClient(trust);
    }

    /** Ends what is not allowed any more. */
    void recheck(Runnable done) {
        EventLoop eventLoop = services().eventLoop();
        List<AccessControl.Check> checks = new ArrayList<>();
        for (ConnectedClient client : directory.all()) {
            checks.add(new AccessControl.Check(new AccessRequest.Connect(client.requester()), refusal -> {
                if (refusal != null) {
                    throwOut(client, refusal);
                }
            }));
            for (Incoming stream : client.link().openedByPeer()) {
                checks.add(new AccessControl.Check(
                        new AccessRequest.OpenStream(client.requester(), stream.name()), refusal -> {
                            if (refusal != null) {
                                stream.reset(refusal.code(), refusal.getMessage());
                            }
                        }));
            }
        }
        checks.addAll(introductions.checks());
        checks.addAll(groups().checks());
        access.checkAll(eventLoop, checks, () -> services().presence().recheck(done));
    }

    List<ConecChannel> channels() {
        return links.stream()
                .filter(ConnectedChannel::isOpen)
                .map(ConecChannel.class::cast)
                .toList();
    }

    int relayedChannels() {
        return introductions.relayedChannels();
    }

    /** Its channels end with it, also those that would outlive a lost link. */
    private void throwOut(ConnectedClient client, ConecException reason) {
        log.info("Client {} is thrown out, {}: {}", client.id(), reason.code(), reason.getMessage());
        introductions.forbid(client.id(), reason);
        client.link().connection().close(reason.code(), reason.getMessage());
    }

    @Override
    public @Nullable Acceptance accept(InetSocketAddress from) {
        if (closing || handshakes >= config.maxHandshakes()) {
            refused.increment();
            return null;
        }
        return new Acceptance(clientVerification, this::newLink);
    }

    private Connection.Listener newLink(Connection connection) {
        handshakes++;
        ConnectedChannel link =
                new ConnectedChannel(connection, ConecChannel.Kind.COORDINATOR, dispatcher, config.transport(), this);
        links.add(link);
        return link;
    }

    @Override
    public void established(ConnectedChannel link) {
        throw new IllegalStateException("a coordinator dials nobody");
    }

    @Override
    public void control(ConnectedChannel link, Control message) {
        ConnectedClient client = registered.get(link);
        if (client == null) {
            if (!message.hasClientHello() || greeting.contains(link) || renewing.contains(link)) {
                throw new ConecException(
                        ErrorCode.PROTOCOL_VIOLATION, "expected a hello, got " + message.getKindCase());
            }
            greeted(link, message.getClientHello());
            return;
        }
        switch (message.getKindCase()) {
            case OPEN_CHANNEL -> introductions.open(client, message.getOpenChannel());
            case RENEW_CERTIFICATE -> renewals.begin(client);
            case INTRODUCTION_REPLY -> introductions.reply(client, message.getIntroductionReply());
            case CHANNEL_ENDED -> introductions.ended(client, message.getChannelEnded());
            default ->
                throw new ConecException(
                        ErrorCode.PROTOCOL_VIOLATION,
                        "unexpected " + message.getKindCase() + " from a registered client");
        }
    }

    @Override
    public void offered(ConnectedChannel link, DataStream stream, StreamHeader header) {
        ConnectedClient client = registered.get(link);
        if (client == null) {
            throw new IllegalStateException("a stream is open before its channel");
        }
        switch (header.getServiceCase()) {
            case JOIN_GROUP -> groups().join(client, stream, header.getJoinGroup());
            case WATCH_PRESENCE -> services().presence().watch(client, stream);
            case CARRY_REQUESTS -> throw new IllegalStateException("each of its requests is offered");
            case SERVICE_NOT_SET -> checkAndOffer(link, client, stream);
        }
    }

    @Override
    public void requested(ConnectedChannel link, Incoming request) {
        ConnectedClient client = registered.get(link);
        if (client != null) {
            checkAndOffer(link, client, request);
        }
    }

    private void checkAndOffer(ConnectedChannel link, ConnectedClient client, Incoming stream) {
        access.check(
                services().eventLoop(),
                new AccessRequest.OpenStream(client.requester(), stream.name()),
                refusal -> offer(link, stream, refusal));
    }

    private void offer(ConnectedChannel link, Incoming stream, @Nullable ConecException refusal) {
        if (!stream.isUndecided()) {
            // It took too long, or the client has gone.
            return;
        }
        try {
            if (refusal != null) {
                refused.increment();
                throw refusal;
            }
            link.offer(stream);
        } catch (ConecException e) {
            stream.refuse(e);
        }
    }

    /** Nobody has to wait until QUIC has forgotten the connection to hear that the client has left, least of all the client that connects again. */
    @Override
    public void closing(ConnectedChannel link) {
        greeting.remove(link);
        ConnectedClient client = registered.get(link);
        if (client != null) {
            leave(client);
        }
    }

    @Override
    public void closed(ConnectedChannel link, CloseReason reason) {
        links.remove(link);
        greeting.remove(link);
        if (renewing.remove(link)) {
            return;
        }
        ConnectedClient client = registered.remove(link);
        if (client == null) {
            handshakes--;
            refused.increment();
            // Anybody can begin handshakes, under any address, as fast as the network carries: no line for each.
            boolean anybody = !link.connection().wasVerified()
                    && (reason.code() == ErrorCode.CONNECT_FAILED
                            || reason.code() == ErrorCode.TIMEOUT
                            || reason.code() == ErrorCode.UNSUPPORTED_VERSION);
            log.atLevel(anybody ? Level.DEBUG : Level.INFO)
                    .log(
                            "A connection from {} was not registered, {}: {}",
                            link.connection().remoteAddress(),
                            reason.code(),
                            reason.message());
            return;
        }
        log.info("Client {} has left, {}: {}", client.id(), reason.code(), reason.message());
        leave(client);
    }

    private void leave(ConnectedClient client) {
        relay.unlinked(client.linkHandle());
        if (directory.remove(client)) {
            left(client);
        }
    }

    private void left(ConnectedClient client) {
        introductions.left(client);
        renewals.left(client);
        services().presence().left(client.id());
        dispatcher.publish(new ConecEvent.ClientLeft(client.present()));
    }

    private void greeted(ConnectedChannel link, ClientHello hello) {
        X509Certificate certificate = link.connection().peerCertificates().get(0);
        ClientId id = new ClientId(hello.getClientId());
        CertificateNames.of(certificate).require(id);
        Map<String, String> attributes = Attributes.of(hello);
        greeting.add(link);
        access.check(
                services().eventLoop(),
                new AccessRequest.Connect(new AccessRequest.Client(id, certificate)),
                refusal -> {
                    if (!greeting.remove(link)) {
                        // It has gone.
                        return;
                    }
                    try {
                        if (refusal != null) {
                            throw refusal;
                        }
                        if (hello.getRenewalToken().isEmpty()) {
                            register(link, id, certificate, attributes);
                        } else {
                            renew(link, id, certificate, hello.getRenewalToken().toByteArray());
                        }
                    } catch (ConecException e) {
                        link.connection().close(e.code(), e.getMessage());
                    }
                });
    }

    private void renew(ConnectedChannel link, ClientId id, X509Certificate certificate, byte[] token) {
        handshakes--;
        renewing.add(link);
        try {
            renewals.present(link, id, token, certificate, monotonicMillis());
        } catch (ConecException e) {
            refused.increment();
            log.info("A certificate of client {} was not renewed, {}: {}", id, e.code(), e.getMessage());
            throw e;
        }
    }

    private void register(
            ConnectedChannel link, ClientId id, X509Certificate certificate, Map<String, String> attributes) {
        Connection connection = link.connection();
        ConnectedClient older = claim(id, certificate);
        if (older != null) {
            // The address it had is no use to anybody: its introductions end with it.
            directory.remove(older);
            left(older);
            older.link().connection().close(ErrorCode.REPLACED, "the same key has connected again");
        }
        handshakes--;
        ConnectedClient client =
                new ConnectedClient(id, link, certificate, attributes, nonZero(random), config, System.nanoTime());
        registered.put(link, client);
        relay.linked(client.linkHandle(), client);
        directory.add(client);
        InetSocketAddress address = connection.remoteAddress();
        if (address == null) {
            throw new ConecException(ErrorCode.CONNECTION_LOST, "the connection has ended");
        }
        link.send(Control.newBuilder()
                .setCoordinatorHello(CoordinatorHello.newBuilder()
                        .setVersion(Protocol.version(Protocol.GROUPS, Protocol.PRESENCE, Protocol.RENEWAL))
                        .setObservedAddress(
                                ByteString.copyFrom(address.getAddress().getAddress()))
                        .setObservedPort(address.getPort())
                        .setLinkHandle(client.linkHandle()))
                .build());
        log.info("Client {} has registered from {}", id, address);
        link.open(
                id.value(),
                new ChannelPath(
                        ChannelPath.Kind.DIRECT,
                        connection.localAddress(),
                        address,
                        Duration.ZERO,
                        Instant.now(),
                        "a coordinator link is always direct"));
        services().presence().joined(client);
        dispatcher.publish(new ConecEvent.ClientJoined(client.present()));
    }

    /** A holder that has crashed does not keep its id for the whole idle timeout, if somebody else asks for it. */
    private @Nullable ConnectedClient claim(ClientId id, X509Certificate certificate) {
        try {
            return directory.claim(id, certificate);
        } catch (ConecException e) {
            ConnectedClient holder = directory.find(id);
            if (e.code() == ErrorCode.ID_IN_USE && holder != null) {
                holder.link().requireSignOfLife(SIGN_OF_LIFE);
            }
            throw e;
        }
    }

    private Services services() {
        if (services == null) {
            throw new IllegalStateException("not started");
        }
        return services;
    }

    private static long monotonicMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private static long nonZero(SecureRandom random) {
        long value;
        do {
            value = random.nextLong();
        } while (value == 0);
        return value;
    }
}
