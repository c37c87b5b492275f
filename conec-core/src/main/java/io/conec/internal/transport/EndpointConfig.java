package io.conec.internal.transport;

import io.conec.TransportConfig;
import io.conec.security.Identity;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * What an endpoint is made from.
 *
 * @param name for the name of a coordinator's network thread
 * @param identity presented in every handshake
 * @param statelessRetry whether accepted connections have to prove their address first
 */
public record EndpointConfig(
        String name,
        InetSocketAddress bindAddress,
        Identity identity,
        boolean statelessRetry,
        TransportConfig transport) {
    /**
     * The largest UDP payload of all connections: fits through every IPv6 path (1,280 bytes, RFC 8200, section 5), with IP, UDP and relay headers around it. QUIC may send more only where it finds out what the path
     * carries (RFC 9000, section 14.3), which quiche does not do again when a path under a connection changes without its knowledge, as those of a client do.
     */
    public static final int PAYLOAD_BYTES = 1_200;

    Duration handshakeTimeout() {
        return transport.handshakeTimeout();
    }
}
