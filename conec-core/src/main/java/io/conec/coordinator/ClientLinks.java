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
import io.conec.internal.protocol.ChannelAnswer;
import io.conec.internal.protocol.ChannelEnded;
import io.conec.internal.protocol.ClientHello;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.CoordinatorHello;
import io.conec.internal.protocol.Introduction;
import io.conec.internal.protocol.IntroductionReply;
import io.conec.internal.protocol.OpenChannel;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.RelayLost;
import io.conec.internal.protocol.StreamHeader;
import io.conec.internal.transport.Acceptor;
import io.conec.internal.transport.Connection;
import io.conec.internal.transport.Verification;
import io.conec.security.CertificateNames;
import io.conec.security.Trust;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The coordinator's end of all client links: lets clients register and carries out what {@link Introductions} decides. Owned by the event loop; the accessors are for any
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
    private final Relay relay;
    private final Directory directory;
    private final Introductions introductions;
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
    private final LongAdder introductionsMade;
    private final LongAdder refused;
    private volatile int relayedChannels;
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
            Relay relay,
            LongAdder introductionsMade,
            LongAdder refused) {
        this.name = name;
        this.access = access;
        this.introductionsMade = introductionsMade;
        this.refused = refused;
        this.config = config;
        this.dispatcher = dispatcher;
        this.relay = relay;
        this.directory = new Directory(config.maxClients());
        this.clientVerification = Verification.ofClient(config.clientTrust());
        this.introductions = new Introductions(
                () -> nonZero(random),
                directory::contains,
                // Before the asking client gives up waiting, so that it hears whose fault it is.
                config.transport().requestTimeout().toMillis() / 2,
                config.maxChannelsPerClient());
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
                    perform(introductions.expire(monotonicMillis()));
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
            for (DataStream stream : client.link().openedByPeer()) {
                checks.add(new AccessControl.Check(
                        new AccessRequest.OpenStream(client.requester(), stream.name()), refusal -> {
                            if (refusal != null) {
                                stream.reset(refusal.code(), refusal.getMessage());
                            }
                        }));
            }
        }
        for (Introductions.Existing each : introductions.existing()) {
            ConnectedClient asker = directory.find(each.asker());
            if (asker != null) {
                checks.add(new AccessControl.Check(
                        new AccessRequest.Introduce(asker.requester(), each.asked()),
                        refusal -> eitherWay(refusal, each.restores(), each.asker(), each.asked(), decided -> {
                            if (decided != null) {
                                perform(introductions.forbid(
                                        each.introduction(), decided.code(), decided.getMessage()));
                            }
                        })));
            }
        }
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
        return relayedChannels;
    }

    /** Its channels end with it, also those that would outlive a lost link. */
    private void throwOut(ConnectedClient client, ConecException reason) {
        log.info("Client {} is thrown out, {}: {}", client.id(), reason.code(), reason.getMessage());
        for (Introductions.Existing each : introductions.existing()) {
            if (each.isOf(client.id())) {
                perform(introductions.forbid(each.introduction(), reason.code(), reason.getMessage()));
            }
        }
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
            case OPEN_CHANNEL -> openChannel(client, message.getOpenChannel());
            case RENEW_CERTIFICATE -> renewals.begin(client);
            case INTRODUCTION_REPLY -> reply(client, message.getIntroductionReply());
            case CHANNEL_ENDED -> {
                ChannelEnded ended = message.getChannelEnded();
                perform(introductions.ended(
                        client.id(),
                        ended.getIntroduction(),
                        Protocol.errorCode(ended.getCode()),
                        Protocol.reason(ended.getMessage())));
            }
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
            case SERVICE_NOT_SET ->
                access.check(
                        services().eventLoop(),
                        new AccessRequest.OpenStream(client.requester(), stream.name()),
                        refusal -> offer(link, stream, refusal));
        }
    }

    private void offer(ConnectedChannel link, DataStream stream, @Nullable ConecException refusal) {
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
        relay.unlinked(client.linkHandle());
        if (directory.remove(client)) {
            left(client);
        }
    }

    private void left(ConnectedClient client) {
        perform(introductions.left(client.id()));
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

    private void openChannel(ConnectedClient from, OpenChannel request) {
        try {
            if (!from.mayAskForIntroduction(System.nanoTime())) {
                throw new ConecException(
                        ErrorCode.RATE_LIMITED,
                        "more than " + config.introductionsPerSecond() + " introductions asked for in a second");
            }
            ClientId peer = new ClientId(request.getPeer());
            access.check(
                    services().eventLoop(),
                    new AccessRequest.Introduce(from.requester(), peer),
                    refusal -> eitherWay(refusal, request.getRestores() != 0, from.id(), peer, decided -> {
                        if (directory.find(from.id()) != from) {
                            // It has gone.
                            return;
                        }
                        if (decided != null) {
                            refuse(from, request.getRequest(), decided);
                        } else {
                            perform(introductions.open(
                                    monotonicMillis(), from.id(), request.getRequest(), peer, request.getRestores()));
                        }
                    }));
        } catch (ConecException e) {
            refuse(from, request.getRequest(), e);
        }
    }

    /** A channel may be restored by the client that did not begin it, if the other might have: that one is asked whether it knows the channel. */
    private void eitherWay(
            @Nullable ConecException refusal,
            boolean restores,
            ClientId from,
            ClientId to,
            Consumer<@Nullable ConecException> decided) {
        ConnectedClient other = directory.find(to);
        if (refusal == null || !restores || other == null) {
            decided.accept(refusal);
        } else {
            access.check(services().eventLoop(), new AccessRequest.Introduce(other.requester(), from), decided);
        }
    }

    private void refuse(ConnectedClient from, long request, ConecException e) {
        perform(List.of(new Introductions.Action.Refuse(from.id(), request, e.code(), e.getMessage())));
    }

    private void reply(ConnectedClient from, IntroductionReply reply) {
        if (reply.getCode() == 0) {
            perform(introductions.agreed(from.id(), reply.getIntroduction()));
        } else {
            perform(introductions.refused(
                    from.id(),
                    reply.getIntroduction(),
                    Protocol.errorCode(reply.getCode()),
                    Protocol.reason(reply.getMessage())));
        }
    }

    private void perform(List<Introductions.Action> actions) {
        for (Introductions.Action action : actions) {
            if (action instanceof Introductions.Action.Introduce introduce) {
                send(
                        introduce.to(),
                        Control.newBuilder()
                                .setIntroduction(Introduction.newBuilder()
                                        .setIntroduction(introduce.introduction())
                                        .setPeer(introduce.peer().value())
                                        .setCertificate(certificate(introduce.peer()))
                                        .setRelayHandle(introduce.handle())
                                        .setRestores(introduce.restores())
                                        .setOnLoopback(onLoopback(introduce.to(), introduce.peer()))));
            } else if (action instanceof Introductions.Action.Answer answer) {
                ChannelAnswer.Builder message =
                        ChannelAnswer.newBuilder().setRequest(answer.request()).setIntroduction(answer.introduction());
                if (answer.dial()) {
                    message.setCertificate(certificate(answer.peer()))
                            .setRelayHandle(answer.handle())
                            .setOnLoopback(onLoopback(answer.to(), answer.peer()));
                }
                send(answer.to(), Control.newBuilder().setChannelAnswer(message));
            } else if (action instanceof Introductions.Action.Refuse refuse) {
                refused.increment();
                send(
                        refuse.to(),
                        Control.newBuilder()
                                .setChannelAnswer(ChannelAnswer.newBuilder()
                                        .setRequest(refuse.request())
                                        .setCode((int) refuse.code().code())
                                        .setMessage(Protocol.reason(refuse.message()))));
            } else if (action instanceof Introductions.Action.End end) {
                send(
                        end.to(),
                        Control.newBuilder()
                                .setChannelEnded(ChannelEnded.newBuilder()
                                        .setIntroduction(end.introduction())
                                        .setCode((int) end.code().code())
                                        .setMessage(Protocol.reason(end.message()))));
            } else if (action instanceof Introductions.Action.RelayLost lost) {
                send(
                        lost.to(),
                        Control.newBuilder().setRelayLost(RelayLost.newBuilder().setIntroduction(lost.introduction())));
            } else if (action instanceof Introductions.Action.Relay begin) {
                ConnectedClient asker = directory.find(begin.asker());
                ConnectedClient asked = directory.find(begin.asked());
                if (asker != null && asked != null) {
                    relay.connect(asker, begin.askerHandle(), asked, begin.askedHandle());
                    introductionsMade.increment();
                }
            } else if (action instanceof Introductions.Action.Unrelay unrelay) {
                relay.disconnect(unrelay.askerHandle(), unrelay.askedHandle());
            }
        }
        if (!actions.isEmpty()) {
            relayedChannels = introductions.made();
        }
    }

    private void send(ClientId to, Control.Builder message) {
        ConnectedClient client = directory.find(to);
        if (client != null) {
            client.link().send(message.build());
        }
    }

    private boolean onLoopback(ClientId a, ClientId b) {
        return isOnLoopback(a) && isOnLoopback(b);
    }

    private boolean isOnLoopback(ClientId id) {
        ConnectedClient client = directory.find(id);
        InetSocketAddress address = client == null ? null : client.address();
        return address != null && address.getAddress().isLoopbackAddress();
    }

    private ByteString certificate(ClientId of) {
        ConnectedClient client = directory.find(of);
        if (client == null) {
            throw new IllegalStateException("\"" + of + "\" is being introduced but is not connected");
        }
        try {
            return ByteString.copyFrom(client.certificate().getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that came over the network has no encoding", e);
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
