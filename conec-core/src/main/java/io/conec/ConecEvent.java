package io.conec;

import java.net.InetSocketAddress;
import java.time.Duration;

/** What happened, in the order in which it happened; delivered to {@link ConecParty#onEvent} listeners. */
public sealed interface ConecEvent {
    /** A client's link to its coordinator is up and the client is registered. */
    record Connected(ConecChannel channel) implements ConecEvent {}

    /** A client's link to its coordinator ended, or an attempt to make one failed. {@code retryIn} is how long until the next attempt. */
    record Disconnected(InetSocketAddress coordinator, CloseReason reason, Duration retryIn) implements ConecEvent {}

    /** A channel is open: on a coordinator to a client, on a client to its coordinator or to a peer. */
    record ChannelOpened(ConecChannel channel) implements ConecEvent {}

    /** A channel has ended. */
    record ChannelClosed(ConecChannel channel, CloseReason reason) implements ConecEvent {}

    /** The packets of a channel between clients take another path from now on. Its streams do not notice. */
    record PathChanged(ConecChannel channel, ChannelPath from, ChannelPath to) implements ConecEvent {}

    /** A stream is open; {@code byPeer} tells which side opened it. */
    record StreamOpened(ConecStream stream, boolean byPeer) implements ConecEvent {}

    /** A stream was refused; {@code byPeer} tells which side refused it. */
    record StreamRefused(ConecChannel channel, String name, ErrorCode code, boolean byPeer) implements ConecEvent {}
}
