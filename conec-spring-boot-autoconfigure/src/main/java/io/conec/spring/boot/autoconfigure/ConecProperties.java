package io.conec.spring.boot.autoconfigure;

import io.conec.CongestionControl;
import io.conec.client.PathPolicy;
import io.conec.coordinator.Access;
import io.conec.coordinator.AccessKind;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Configuration properties for conec.
 *
 * @param mode What this application is. Nothing is configured without it.
 * @param coordinator The coordinator, for mode "coordinator".
 * @param client The client, for mode "client".
 * @param transport QUIC and the limits on what peers may make this side hold.
 * @param groups How listeners join groups, by the group's name.
 * @param listener Methods annotated with "@ConecChannelListener".
 * @param shutdown How the application stops.
 */
@ConfigurationProperties("conec")
public record ConecProperties(
        @Nullable Mode mode,
        @DefaultValue Coordinator coordinator,
        @DefaultValue Client client,
        @DefaultValue Transport transport,
        @DefaultValue Map<String, Group> groups,
        @DefaultValue Listener listener,
        @DefaultValue Shutdown shutdown) {
    /** What an application is. */
    public enum Mode {
        /** The party that everybody can reach. */
        COORDINATOR,
        /** A named party that connects to one coordinator. */
        CLIENT
    }

    /** Which certificates of clients are let in. */
    public enum ClientTrust {
        /** Any sound self-signed certificate: an id belongs to the key that registered it. */
        SELF_SIGNED,
        /** Only certificates of a certificate authority. */
        CA
    }

    /**
     * The coordinator.
     *
     * @param address Local address to bind to. Any address by default.
     * @param port UDP port to listen on. Use 0 for a free one.
     * @param ssl Certificate of the coordinator.
     * @param developmentCertificate Self-signed certificate that is made at the first start if there is no SSL bundle.
     * @param clientTrust Which client certificates are let in. Each has to name the client's id.
     * @param clientSsl Certificate authorities for clients, for client trust "ca".
     * @param statelessRetry Whether a client has to prove its address before the coordinator does any work for it, which
     *     costs a round trip.
     * @param maxClients Maximum number of clients connected at the same time.
     * @param maxHandshakes Maximum number of handshakes under way at the same time. Further ones are dropped.
     * @param maxChannelsPerClient Maximum number of channels that one client may have to peers.
     * @param introductionsPerSecond Number of introductions that one client may ask for in a second.
     * @param relayBytesPerSecond Data forwarded for one client in a second. Use 0 for no limit.
     * @param relayThreads Number of threads that forward packets between clients, beside the network thread. A quarter of the
     *     processors by default, at most 8. Use 0 to have the network thread forward them.
     * @param requestTimeout How long a request to a client may take, with its answer.
     * @param defaultPolicy What clients may do that no rule and no ConecAuthorizer decides.
     * @param rules Who may do what, in order: the first rule that matches decides.
     * @param groupLimits Limits on the groups that the coordinator hosts.
     */
    public record Coordinator(
            @Nullable InetAddress address,
            @DefaultValue("1719") int port,
            @DefaultValue Ssl ssl,
            @DefaultValue DevelopmentCertificate developmentCertificate,
            @DefaultValue("self-signed") ClientTrust clientTrust,
            @DefaultValue Ssl clientSsl,
            @DefaultValue("false") boolean statelessRetry,
            @DefaultValue("10000") int maxClients,
            @DefaultValue("1000") int maxHandshakes,
            @DefaultValue("1000") int maxChannelsPerClient,
            @DefaultValue("100") int introductionsPerSecond,
            @DefaultValue("0B") DataSize relayBytesPerSecond,
            @Nullable Integer relayThreads,
            @DefaultValue("10s") Duration requestTimeout,
            @DefaultValue("allow") Access defaultPolicy,
            @DefaultValue List<Rule> rules,
            @DefaultValue GroupLimits groupLimits) {}

    /**
     * A rule for what clients may do. In patterns "*" stands for any characters.
     *
     * @param access Whether what matches is allowed or denied.
     * @param kinds Which kinds of requests, by default all that go with the other attributes: "introduce" and "see" with "to",
     *     "open-stream" with "stream", "join" and "send" with "group", every kind with none of them.
     * @param from Pattern of the id of the client that asks.
     * @param to Pattern of the id of the other client.
     * @param stream Pattern of the name of the stream to the coordinator.
     * @param group Pattern of the group's name.
     */
    public record Rule(
            @Nullable Access access,
            @DefaultValue Set<AccessKind> kinds,
            @DefaultValue("*") String from,
            @Nullable String to,
            @Nullable String stream,
            @Nullable String group) {}

    /**
     * Limits on the groups that a coordinator hosts.
     *
     * @param maxGroups Maximum number of groups at the same time.
     * @param maxMembers Maximum number of members of one group.
     * @param maxQueuedSize Messages that wait for one member. Members of a group share them.
     * @param maxBlock How long a member that blocks may hold up a group's senders without taking a message.
     */
    public record GroupLimits(
            @DefaultValue("10000") int maxGroups,
            @DefaultValue("10000") int maxMembers,
            @DefaultValue("16MB") DataSize maxQueuedSize,
            @DefaultValue("10s") Duration maxBlock) {}

    /** What is done about a member of a group that does not keep up. */
    public enum SlowReceiver {
        /** The senders wait for it, for some time. */
        BLOCK,
        /** Of what it has not read only the newest messages are kept. */
        DROP_OLDEST,
        /** Its membership ends, and begins again. */
        DISCONNECT
    }

    /**
     * How listeners join a group.
     *
     * @param ownMessages Whether they also receive what this application sends to the group.
     * @param slowReceiver What is done if they do not keep up.
     * @param maxMessages How many messages may wait for a listener.
     * @param block How long the senders wait for a listener at most, for slow receiver "block".
     */
    public record Group(
            @DefaultValue("false") boolean ownMessages,
            @DefaultValue("block") SlowReceiver slowReceiver,
            @DefaultValue("1024") int maxMessages,
            @DefaultValue("10s") Duration block) {}

    /**
     * The certificate of a coordinator without an SSL bundle.
     *
     * @param directory Directory that the certificate and its key are kept in, the key readable by its owner only. By default
     *     ".conec" in the user's home directory.
     * @param hosts Host names and addresses that the certificate names. By default this machine's host name, "localhost" and
     *     the loopback addresses. Changing them does not replace a certificate that exists.
     */
    public record DevelopmentCertificate(
            @Nullable Path directory, @DefaultValue List<String> hosts) {}

    /**
     * The client.
     *
     * @param id Id of this client: lower-case letters, digits and hyphens, in labels joined by dots.
     * @param coordinator Where the coordinator is and how to know it.
     * @param ssl Certificate of this client, and the certificate authorities for the coordinator.
     * @param peer How peers are checked.
     * @param bindAddress Local address of the UDP socket. Any address by default.
     * @param bindPort Local port of the UDP socket. Use 0 for a free one.
     * @param path Which paths channels to other clients may take.
     * @param candidates Addresses, as "address:port", at which peers can reach this client besides those that it finds by
     *     itself: for example of a port that a router forwards to it.
     * @param pathKeepAliveInterval How often an unused direct path is probed, which holds the bindings of NATs.
     * @param failFast Whether the application fails to start if the first attempt to connect fails.
     * @param connectTimeout Time limit of one attempt to reach the coordinator and register.
     * @param requestTimeout How long a request may take, with the making of the channel and the answer.
     * @param attributes What this client says about itself to the clients that may see it: at most 32 attributes of 1,024
     *     characters together.
     * @param watchPresence Whether to be told of the clients that join and leave, from the start on. Otherwise that begins when
     *     the application first asks who is there.
     * @param reconnect Waits between attempts.
     */
    public record Client(
            @Nullable String id,
            @DefaultValue CoordinatorAddress coordinator,
            @DefaultValue Ssl ssl,
            @DefaultValue Peer peer,
            @Nullable InetAddress bindAddress,
            @DefaultValue("0") int bindPort,
            @DefaultValue("auto") PathPolicy path,
            @DefaultValue List<String> candidates,
            @DefaultValue("15s") Duration pathKeepAliveInterval,
            @DefaultValue("false") boolean failFast,
            @DefaultValue("10s") Duration connectTimeout,
            @DefaultValue("10s") Duration requestTimeout,
            @DefaultValue Map<String, String> attributes,
            @DefaultValue("false") boolean watchPresence,
            @DefaultValue Reconnect reconnect) {}

    /**
     * Where a client's coordinator is.
     *
     * @param host Host name of the coordinator, which its certificate has to name.
     * @param port UDP port of the coordinator.
     * @param address Host name or address to connect to if not that of the host.
     * @param certificateFingerprint SHA-256 fingerprint of the coordinator's certificate. Replaces the check of its host name
     *     and issuer.
     */
    public record CoordinatorAddress(
            @Nullable String host,
            @DefaultValue("1719") int port,
            @Nullable String address,
            @Nullable String certificateFingerprint) {}

    /**
     * How a client checks its peers, besides their certificate being the introduced one.
     *
     * @param trust Which peer certificates are let in. Each has to name the peer's id.
     * @param ssl Certificate authorities for peers, for trust "ca".
     */
    public record Peer(
            @DefaultValue("self-signed") ClientTrust trust,
            @DefaultValue Ssl ssl) {}

    /**
     * The waits between attempts to reach the coordinator.
     *
     * @param initialDelay First wait.
     * @param maxDelay Longest wait.
     * @param multiplier Factor from one wait to the next.
     * @param jitter Random part of each wait, from 0 to 1.
     */
    public record Reconnect(
            @DefaultValue("200ms") Duration initialDelay,
            @DefaultValue("15s") Duration maxDelay,
            @DefaultValue("2") double multiplier,
            @DefaultValue("0.3") double jitter) {}

    /**
     * TLS material.
     *
     * @param bundle Name of the SSL bundle.
     */
    public record Ssl(@Nullable String bundle) {}

    /**
     * QUIC settings and limits.
     *
     * @param congestionControl Congestion control algorithm.
     * @param initialWindowPackets Initial congestion window, in packets. With BBR also the least that it ever is.
     * @param idleTimeout Time without a packet from the other side after which a connection is lost.
     * @param keepAliveInterval How often an idle connection sends something. Has to be shorter than the idle timeout.
     * @param handshakeTimeout Time limit of a handshake.
     * @param requestTimeout How long to wait for the other side's answer when a channel or stream is opened.
     * @param maxMessageSize Largest message sent or received.
     * @param maxHeaderSize Largest size of a stream's name and headers together.
     * @param maxStreams Maximum number of streams that the other side may have open in one channel.
     * @param receiveBufferSize Received messages that wait for the application, for each stream. Each counts 48 bytes more than its payload.
     * @param sendBufferSize Messages that wait to be sent, for each stream.
     * @param streamWindowSize Initial QUIC flow control window of a stream.
     * @param connectionWindowSize Initial QUIC flow control window of a connection.
     * @param socketBufferSize Send and receive buffer of the UDP socket. The system may allow less.
     * @param nativeTransport Whether to use epoll with segmentation offload where the platform has it.
     */
    public record Transport(
            @DefaultValue("bbr") CongestionControl congestionControl,
            @DefaultValue("64") int initialWindowPackets,
            @DefaultValue("30s") Duration idleTimeout,
            @DefaultValue("5s") Duration keepAliveInterval,
            @DefaultValue("10s") Duration handshakeTimeout,
            @DefaultValue("10s") Duration requestTimeout,
            @DefaultValue("4MB") DataSize maxMessageSize,
            @DefaultValue("8KB") DataSize maxHeaderSize,
            @DefaultValue("1000") int maxStreams,
            @DefaultValue("1MB") DataSize receiveBufferSize,
            @DefaultValue("4MB") DataSize sendBufferSize,
            @DefaultValue("1MB") DataSize streamWindowSize,
            @DefaultValue("16MB") DataSize connectionWindowSize,
            @DefaultValue("4MB") DataSize socketBufferSize,
            @DefaultValue("true") boolean nativeTransport) {}

    /**
     * Annotated methods.
     *
     * @param autoStartup Whether listeners start with the application unless they say otherwise.
     * @param concurrency How many calls of a listener may be under way at the same time unless it says otherwise.
     *     Listeners that take or return whole streams have no limit of their own.
     */
    public record Listener(
            @DefaultValue("true") boolean autoStartup,
            @DefaultValue("16") int concurrency) {}

    /**
     * How the application stops.
     *
     * @param gracePeriod How long running listener methods may take to finish when the application stops.
     */
    public record Shutdown(@DefaultValue("20s") Duration gracePeriod) {}
}
