package io.conec.client;

import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.PeerHello;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.transport.Connection;
import io.conec.internal.transport.PeerRoute;
import io.conec.internal.transport.Verification;
import org.jspecify.annotations.Nullable;

/** One end of an introduction: first only a route and what to expect, then a connection, then an open channel. Owned by the event loop. */
final class PeerConnection implements ConnectedChannel.Role {
    private final long introduction;
    private final ClientId peer;
    private final PeerRoute route;
    private final Verification verification;
    private final PeerChannels channels;
    private volatile @Nullable ConnectedChannel channel;

    PeerConnection(
            long introduction, ClientId peer, PeerRoute route, Verification verification, PeerChannels channels) {
        this.introduction = introduction;
        this.peer = peer;
        this.route = route;
        this.verification = verification;
        this.channels = channels;
    }

    long introduction() {
        return introduction;
    }

    ClientId peer() {
        return peer;
    }

    PeerRoute route() {
        return route;
    }

    Verification verification() {
        return verification;
    }

    /** The channel, open or about to be; null before the first packet. Any thread. */
    @Nullable
    ConnectedChannel channel() {
        return channel;
    }

    ConnectedChannel attach(Connection connection, Dispatcher dispatcher, TransportConfig transport) {
        ConnectedChannel attached =
                new ConnectedChannel(connection, ConecChannel.Kind.PEER, dispatcher, transport, this);
        channel = attached;
        return attached;
    }

    void close(ErrorCode code, String message) {
        ConnectedChannel now = channel;
        if (now != null) {
            now.connection().close(code, message);
        } else {
            channels.closed(this, new CloseReason(code, message, false));
        }
    }

    /** Time is up for the first packet. Once it has come, the channel has a deadline of its own. */
    void requireContact(long millis) {
        if (channel == null) {
            close(ErrorCode.TIMEOUT, "\"" + peer + "\" was introduced and did not connect in " + millis + " ms");
        }
    }

    /** The coordinator says that the other end is gone. Its own close has come first, unless it was lost or the end was sudden. */
    void endedByPeer(ErrorCode code, String message) {
        ConnectedChannel now = channel;
        if (now != null) {
            now.connection().closedByPeer(code, message);
        } else {
            channels.closed(this, new CloseReason(code, message, true));
        }
    }

    @Override
    public void established(ConnectedChannel established) {
        sayHello(established);
    }

    @Override
    public void control(ConnectedChannel from, Control message) {
        if (from.isOpen() || !message.hasPeerHello()) {
            throw new ConecException(
                    ErrorCode.PROTOCOL_VIOLATION, "unexpected " + message.getKindCase() + " from a peer");
        }
        if (!route.isDialled()) {
            sayHello(from);
        }
        from.open(peer.value(), channels.firstPath());
        channels.opened(this, from);
    }

    @Override
    public void closed(ConnectedChannel ended, CloseReason reason) {
        channels.closed(this, reason);
    }

    private static void sayHello(ConnectedChannel to) {
        to.send(Control.newBuilder()
                .setPeerHello(PeerHello.newBuilder().setVersion(Protocol.version()))
                .build());
    }
}
