package io.conec;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;

/**
 * How the packets of a channel travel right now.
 *
 * @param kind relayed or direct
 * @param local this side's address
 * @param remote where the packets go: the other side for a direct path, the coordinator for a relayed one
 * @param roundTrip QUIC's smoothed round trip time (RFC 9002, section 5.3); taken once each {@link TransportConfig#keepAliveInterval()}, so that it follows a
 *     change of path late; zero before the first sample
 * @param since since when
 * @param reason why it is this path, in words
 */
public record ChannelPath(
        Kind kind,
        InetSocketAddress local,
        InetSocketAddress remote,
        Duration roundTrip,
        Instant since,
        String reason) {
    /** The two kinds of path. */
    public enum Kind {
        /** Through the coordinator, which forwards the encrypted packets. */
        RELAYED,
        /** Straight between the two parties. */
        DIRECT
    }

    /** The same path with a newer round trip time. */
    public ChannelPath withRoundTrip(Duration value) {
        return new ChannelPath(kind, local, remote, value, since, reason);
    }
}
