package io.conec;

import java.net.InetSocketAddress;
import java.time.Instant;

/**
 * How the packets of a channel travel right now.
 *
 * @param kind relayed or direct
 * @param local this side's address
 * @param remote where the packets go: the other side for a direct path, the coordinator for a relayed one
 * @param since since when
 * @param reason why it is this path, in words
 */
public record ChannelPath(Kind kind, InetSocketAddress local, InetSocketAddress remote, Instant since, String reason) {
    /** The two kinds of path. */
    public enum Kind {
        /** Through the coordinator, which forwards the encrypted packets. */
        RELAYED,
        /** Straight between the two parties. */
        DIRECT
    }
}
