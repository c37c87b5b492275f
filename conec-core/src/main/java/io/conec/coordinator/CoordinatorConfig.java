package io.conec.coordinator;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link ConecCoordinator} is made from. Immutable; use {@link #builder(Identity)}.
 *
 * @param identity key and certificate, naming the host that clients connect to
 * @param bindAddress local address and UDP port; default any address and {@value #DEFAULT_PORT}; port 0 takes a free one
 * @param clientTrust which client certificates are let in, besides having to name the client id: {@link Trust#selfSigned()} (default) or a CA
 * @param statelessRetry whether a client has to prove its address before the coordinator does any work for it (RFC 9000, section 8.1.2), which costs a
 *     round trip; default false
 * @param maxClients clients connected at the same time; default 10,000
 * @param maxHandshakes handshakes under way at the same time, further ones are dropped; default 1,000
 * @param maxChannelsPerClient channels that one client may have to peers; default 1,000
 * @param introductionsPerSecond introductions that one client may ask for, with bursts of as many; default 100
 * @param relayBytesPerSecond what is forwarded for one client, with bursts of one second; the rest is dropped, to which QUIC adapts; default 0: unlimited
 * @param relayThreads threads that forward packets between clients, beside the network thread that does all else; 0 has that one do it too. At most {@value #MAX_RELAY_THREADS}; default: a quarter of the processors, up to 8. Without
 *     effect unless the transport is Linux's native one
 * @param access who may do what; default {@link AccessPolicy#ALLOW_ALL}. {@link ConecCoordinator#replaceAccessPolicy} changes it
 * @param groups limits on groups
 * @param transport QUIC settings and limits
 * @param executor where handlers, listeners and stages run; null for the coordinator's own: virtual threads where the JVM has them, else cached threads that short tasks share
 */
public record CoordinatorConfig(
        Identity identity,
        InetSocketAddress bindAddress,
        Trust clientTrust,
        boolean statelessRetry,
        int maxClients,
        int maxHandshakes,
        int maxChannelsPerClient,
        int introductionsPerSecond,
        long relayBytesPerSecond,
        int relayThreads,
        AccessPolicy access,
        GroupLimits groups,
        TransportConfig transport,
        @Nullable Executor executor) {
    /** The UDP port unless configured. */
    public static final int DEFAULT_PORT = 1719;

    /** The most threads that relay. */
    public static final int MAX_RELAY_THREADS = 64;

    /** @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION}, naming the setting */
    public CoordinatorConfig {
        requireForClients(clientTrust);
        positive(maxClients, "maxClients");
        positive(maxHandshakes, "maxHandshakes");
        positive(maxChannelsPerClient, "maxChannelsPerClient");
        positive(introductionsPerSecond, "introductionsPerSecond");
        if (relayBytesPerSecond < 0) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION, "relayBytesPerSecond has to be positive, or 0 for no limit");
        }
        if (relayThreads < 0 || relayThreads > MAX_RELAY_THREADS) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "relayThreads has to be between 0 and " + MAX_RELAY_THREADS + ", it is " + relayThreads);
        }
    }

    static void requireForClients(Trust trust) {
        if (!(trust instanceof Trust.SelfSigned || trust instanceof Trust.Certificates)) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "clientTrust has to be self-signed or the certificates of a CA for clients");
        }
    }

    private static void positive(int value, String name) {
        if (value < 1) {
            throw new ConecException(ErrorCode.INVALID_CONFIGURATION, name + " has to be positive, it is " + value);
        }
    }

    /** A coordinator with that certificate, everything else as by default. */
    public static Builder builder(Identity identity) {
        return new Builder(identity);
    }

    /** Collects what differs from the defaults. Not for several threads. */
    public static final class Builder {
        private final Identity identity;
        private InetSocketAddress bindAddress = new InetSocketAddress(DEFAULT_PORT);
        private Trust clientTrust = Trust.selfSigned();
        private boolean statelessRetry;
        private int maxClients = 10_000;
        private int maxHandshakes = 1_000;
        private int maxChannelsPerClient = 1_000;
        private int introductionsPerSecond = 100;
        private long relayBytesPerSecond;
        private int relayThreads = Math.min(8, Runtime.getRuntime().availableProcessors() / 4);
        private AccessPolicy access = AccessPolicy.ALLOW_ALL;
        private GroupLimits groups = GroupLimits.DEFAULTS;
        private TransportConfig transport = TransportConfig.DEFAULTS;
        private @Nullable Executor executor;

        private Builder(Identity identity) {
            this.identity = identity;
        }

        public Builder bindAddress(InetSocketAddress value) {
            bindAddress = value;
            return this;
        }

        public Builder clientTrust(Trust value) {
            clientTrust = value;
            return this;
        }

        public Builder statelessRetry(boolean value) {
            statelessRetry = value;
            return this;
        }

        public Builder maxClients(int value) {
            maxClients = value;
            return this;
        }

        public Builder maxHandshakes(int value) {
            maxHandshakes = value;
            return this;
        }

        public Builder maxChannelsPerClient(int value) {
            maxChannelsPerClient = value;
            return this;
        }

        public Builder introductionsPerSecond(int value) {
            introductionsPerSecond = value;
            return this;
        }

        public Builder relayBytesPerSecond(long value) {
            relayBytesPerSecond = value;
            return this;
        }

        public Builder relayThreads(int value) {
            relayThreads = value;
            return this;
        }

        public Builder access(AccessPolicy value) {
            access = value;
            return this;
        }

        public Builder groups(GroupLimits value) {
            groups = value;
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

        public CoordinatorConfig build() {
            return new CoordinatorConfig(
                    identity,
                    bindAddress,
                    clientTrust,
                    statelessRetry,
                    maxClients,
                    maxHandshakes,
                    maxChannelsPerClient,
                    introductionsPerSecond,
                    relayBytesPerSecond,
                    relayThreads,
                    access,
                    groups,
                    transport,
                    executor);
        }
    }
}
