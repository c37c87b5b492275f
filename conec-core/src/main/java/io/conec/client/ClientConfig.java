package io.conec.client;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.PresentClient;
import io.conec.TransportConfig;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ConecClient} is made from. Immutable; use {@link #builder(String, String)}.
 *
 * @param id this client's id
 * @param coordinatorHost the coordinator's host name or address, which its certificate has to name
 * @param coordinatorAddress where to reach the coordinator if not at the address of {@code coordinatorHost}: a host name or address; null otherwise
 * @param coordinatorPort default {@value #DEFAULT_PORT}
 * @param identity this client's key and certificate, naming the id; null to make one at each start
 * @param coordinatorTrust how the coordinator's certificate is checked; default {@link Trust#system()}
 * @param peerTrust how peers' certificates are checked, besides being the introduced ones and naming the peer; default {@link Trust#selfSigned()}. Has
 *     nothing to do with {@code coordinatorTrust}: a CA that signs clients never vouches for a coordinator
 * @param acceptsPeer which clients may open a channel to this one; default all. Runs on the network thread and must not block
 * @param bindAddress local address of the UDP socket; default any address, a free port
 * @param path which paths channels to other clients may take; default {@link PathPolicy#AUTO}
 * @param candidates addresses at which this client can be reached besides those that it finds by itself, for example that of a forwarded port; default none, at most 8
 * @param pathKeepAliveInterval an unused direct path is probed this often, which holds the NATs' bindings; default 15 s, from 1 s to 5 min
 * @param connectTimeout for one attempt to reach the coordinator and register; default 10 s
 * @param reconnect waits between attempts
 * @param attributes what this client says about itself to those that may see it; default none. At most {@value PresentClient#MAX_ATTRIBUTES}, of at most
 *     {@value PresentClient#MAX_ATTRIBUTE_CHARACTERS} characters together; unmodifiable
 * @param watchPresence whether this client learns from the start which others are connected, so that {@link io.conec.ConecEvent.ClientJoined} and {@link io.conec.ConecEvent.ClientLeft} tell; default false:
 *     only from its first call of {@link ConecClient#presence()} on
 * @param transport QUIC settings and limits
 * @param executor where handlers, listeners and stages run, on other threads than the one that hands them over; null for the client's own: virtual threads where the JVM has them, else cached threads that short tasks share
 */
public record ClientConfig(
        ClientId id,
        String coordinatorHost,
        @Nullable String coordinatorAddress,
        int coordinatorPort,
        @Nullable Identity identity,
        Trust coordinatorTrust,
        Trust peerTrust,
        Predicate<ClientId> acceptsPeer,
        InetSocketAddress bindAddress,
        PathPolicy path,
        List<InetSocketAddress> candidates,
        Duration pathKeepAliveInterval,
        Duration connectTimeout,
        ReconnectPolicy reconnect,
        Map<String, String> attributes,
        boolean watchPresence,
        TransportConfig transport,
        @Nullable Executor executor) {
    /** The coordinator's UDP port unless configured. */
    public static final int DEFAULT_PORT = 1719;

    private static final int MAX_CANDIDATES = 8;

    /** @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION}, naming the setting, or a certificate code */
    public ClientConfig {
        if (coordinatorHost.isBlank()) {
            throw new ConecException(ErrorCode.INVALID_CONFIGURATION, "coordinatorHost is empty");
        }
        requireForCoordinators(coordinatorTrust);
        requireForClients(peerTrust);
        if (coordinatorPort < 1 || coordinatorPort > 65_535) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "coordinatorPort has to be between 1 and 65535, it is " + coordinatorPort);
        }
        candidates = List.copyOf(candidates);
        if (candidates.size() > MAX_CANDIDATES || candidates.stream().anyMatch(InetSocketAddress::isUnresolved)) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "candidates have to be at most " + MAX_CANDIDATES + " IP addresses with ports, they are "
                            + candidates);
        }
        if (pathKeepAliveInterval.compareTo(Duration.ofSeconds(1)) < 0
                || pathKeepAliveInterval.compareTo(Duration.ofMinutes(5)) > 0) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION, "pathKeepAliveInterval has to be between 1 s and 5 min");
        }
        if (connectTimeout.isNegative() || connectTimeout.isZero()) {
            throw new ConecException(ErrorCode.INVALID_CONFIGURATION, "connectTimeout has to be positive");
        }
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
        int characters = attributes.entrySet().stream()
                .mapToInt(each -> each.getKey().length() + each.getValue().length())
                .sum();
        if (attributes.size() > PresentClient.MAX_ATTRIBUTES || characters > PresentClient.MAX_ATTRIBUTE_CHARACTERS) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "attributes has " + attributes.size() + " entries of " + characters
                            + " characters together, the limit is " + PresentClient.MAX_ATTRIBUTES + " of "
                            + PresentClient.MAX_ATTRIBUTE_CHARACTERS);
        }
    }

    static void requireForCoordinators(Trust trust) {
        if (trust instanceof Trust.SelfSigned) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "coordinatorTrust cannot be self-signed, which anybody can be: pin the coordinator's fingerprint or give its"
                            + " certificate");
        }
    }

    static void requireForClients(Trust trust) {
        if (!(trust instanceof Trust.SelfSigned || trust instanceof Trust.Certificates)) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "peerTrust has to be self-signed or the certificates of a CA for clients");
        }
    }

    /**
     * A client of that id for the coordinator of that host name or address, everything else as by default.
     *
     * @throws ConecException with {@link ErrorCode#INVALID_ID}
     */
    public static Builder builder(String id, String coordinatorHost) {
        return new Builder(new ClientId(id), coordinatorHost);
    }

    /** Collects what differs from the defaults. Not for several threads. */
    public static final class Builder {
        private final ClientId id;
        private final String coordinatorHost;
        private @Nullable String coordinatorAddress;
        private int coordinatorPort = DEFAULT_PORT;
        private @Nullable Identity identity;
        private Trust coordinatorTrust = Trust.system();
        private Trust peerTrust = Trust.selfSigned();
        private Predicate<ClientId> acceptsPeer = peer -> true;
        private InetSocketAddress bindAddress = new InetSocketAddress(0);
        private PathPolicy path = PathPolicy.AUTO;
        private List<InetSocketAddress> candidates = List.of();
        private Duration pathKeepAliveInterval = Duration.ofSeconds(15);
        private Duration connectTimeout = Duration.ofSeconds(10);
        private ReconnectPolicy reconnect = ReconnectPolicy.DEFAULTS;
        private Map<String, String> attributes = Map.of();
        private boolean watchPresence;
        private TransportConfig transport = TransportConfig.DEFAULTS;
        private @Nullable Executor executor;

        private Builder(ClientId id, String coordinatorHost) {
            this.id = id;
            this.coordinatorHost = coordinatorHost;
        }

        public Builder coordinatorAddress(@Nullable String value) {
            coordinatorAddress = value;
            return this;
        }

        public Builder coordinatorPort(int value) {
            coordinatorPort = value;
            return this;
        }

        public Builder identity(@Nullable Identity value) {
            identity = value;
            return this;
        }

        public Builder coordinatorTrust(Trust value) {
            coordinatorTrust = value;
            return this;
        }

        public Builder peerTrust(Trust value) {
            peerTrust = value;
            return this;
        }

        public Builder acceptsPeer(Predicate<ClientId> value) {
            acceptsPeer = value;
            return this;
        }

        public Builder bindAddress(InetSocketAddress value) {
            bindAddress = value;
            return this;
        }

        public Builder path(PathPolicy value) {
            path = value;
            return this;
        }

        public Builder candidates(List<InetSocketAddress> value) {
            candidates = List.copyOf(value);
            return this;
        }

        public Builder pathKeepAliveInterval(Duration value) {
            pathKeepAliveInterval = value;
            return this;
        }

        public Builder connectTimeout(Duration value) {
            connectTimeout = value;
            return this;
        }

        public Builder reconnect(ReconnectPolicy value) {
            reconnect = value;
            return this;
        }

        public Builder attributes(Map<String, String> value) {
            attributes = value;
            return this;
        }

        public Builder watchPresence(boolean value) {
            watchPresence = value;
            return this;
        }

        public Builder transport(TransportConfig value) {
            transport = value;
            return this;
        }

        public Builder executor(@Nullable Executor value) {
            executor = value;
            return this;
        }

        public ClientConfig build() {
            return new ClientConfig(
                    id,
                    coordinatorHost,
                    coordinatorAddress,
                    coordinatorPort,
                    identity,
                    coordinatorTrust,
                    peerTrust,
                    acceptsPeer,
                    bindAddress,
                    path,
                    candidates,
                    pathKeepAliveInterval,
                    connectTimeout,
                    reconnect,
                    attributes,
                    watchPresence,
                    transport,
                    executor);
        }
    }
}
