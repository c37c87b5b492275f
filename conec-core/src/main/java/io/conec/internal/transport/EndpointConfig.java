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
 * @param maxPayloadBytes largest UDP payload of accepted connections (RFC 9000, section 18.2)
 * @param statelessRetry whether accepted connections have to prove their address first
 */
public record EndpointConfig(
        String name,
        InetSocketAddress bindAddress,
        Identity identity,
        int maxPayloadBytes,
        boolean statelessRetry,
        TransportConfig transport) {
    /** Fits through every IPv6 path (1,280 bytes, RFC 8200), with IP, UDP and relay headers around it. */
    public static final int PEER_PAYLOAD_BYTES = 1_200;

    /** Fits through Ethernet with a tunnel or two, which is as far as a coordinator link goes without path MTU discovery. */
    public static final int LINK_PAYLOAD_BYTES = 1_350;

    Duration handshakeTimeout() {
        return transport.handshakeTimeout();
    }
}
