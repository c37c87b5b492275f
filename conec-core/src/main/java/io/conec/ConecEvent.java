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

    /** This party has joined a group; {@code again} when a client did so by itself after it had lost its link. What was sent to the group in between is missed. */
    record GroupJoined(ConecGroup group, boolean again) implements ConecEvent {}

    /** A membership of this party has ended, for the given reason. Not when only the link was lost: then the client joins again. */
    record GroupLeft(ConecGroup group, CloseReason reason) implements ConecEvent {}

    /**
     * A client is connected to the coordinator. On the coordinator for every client, on a client that watches presence for those that it may see; there also when that becomes allowed, and
     * for each that was there before.
     */
    record ClientJoined(PresentClient client) implements ConecEvent {}

    /** A client is no longer connected, or may no longer be seen. {@code client} is what {@link ClientJoined} said. */
    record ClientLeft(PresentClient client) implements ConecEvent {}
}
