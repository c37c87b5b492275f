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
import io.conec.internal.transport.Credentials;
import io.conec.internal.transport.PeerRoute;
import io.conec.internal.transport.Verification;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one end of an introduction consists of: first only a route and what to expect, then a connection, then an open channel. Owned by the event loop.
 */
final class PeerConnection implements ConnectedChannel.Role {
    private final PeerEnd end;
    private final PeerRoute route;
    private final Verification verification;
    private final Credentials credentials;
    private final PeerPath path;
    private final PathPolicy policy;
    private final PeerChannels channels;
    private boolean greeted;
    private @Nullable ScheduledFuture<?> directPathDeadline;
    private volatile @Nullable ConnectedChannel channel;

    PeerConnection(
            PeerEnd end,
            PeerRoute route,
            Verification verification,
            Credentials credentials,
            PeerPath path,
            PathPolicy policy,
            PeerChannels channels) {
        this.end = end;
        this.route = route;
        this.verification = verification;
        this.credentials = credentials;
        this.path = path;
        this.policy = policy;
        this.channels = channels;
        path.onMove(this::moved);
    }

    PeerEnd end() {
        return end;
    }

    ClientId peer() {
        return end.peer();
    }

    PeerRoute route() {
        return route;
    }

    Verification verification() {
        return verification;
    }

    /** What the coordinator has introduced this client by. */
    Credentials credentials() {
        return credentials;
    }

    PeerPath path() {
        return path;
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

    /** @param byPeer whether it is known from the coordinator that the other end is gone; its own close has come first, unless it was lost or the end was sudden */
    void close(ErrorCode code, String message, boolean byPeer) {
        ConnectedChannel now = channel;
        if (now == null) {
            channels.closed(this, new CloseReason(code, message, byPeer));
        } else if (byPeer) {
            now.connection().closedByPeer(code, message);
        } else {
            now.connection().close(code, message);
        }
    }

    @Override
    public void established(ConnectedChannel established) {
        sayHello(established);
    }

    @Override
    public void control(ConnectedChannel from, Control message) {
        if (message.hasPeerHello() && !greeted) {
            greeted = true;
            hello(from, message.getPeerHello());
        } else if (message.hasCandidates() && greeted) {
            path.candidates(message.getCandidates());
        } else {
            throw new ConecException(
                    ErrorCode.PROTOCOL_VIOLATION, "unexpected " + message.getKindCase() + " from a peer");
        }
    }

    @Override
    public void closed(ConnectedChannel ended, CloseReason reason) {
        cancelDeadline();
        channels.closed(this, reason);
    }

    private void moved() {
        ConnectedChannel now = channel;
        if (now != null && !now.isOpen() && path.isDirect()) {
            open(now);
        }
    }

    private void hello(ConnectedChannel from, PeerHello hello) {
        if (!route.isDialled()) {
            sayHello(from);
        }
        PathPolicy agreed = PathPolicy.common(policy, policy(hello));
        if (agreed == null) {
            throw new ConecException(
                    ErrorCode.NO_DIRECT_PATH,
                    "of the two clients one takes only direct paths, the other only the relay");
        }
        path.start(from, agreed);
        if (agreed != PathPolicy.DIRECT_ONLY) {
            open(from);
            return;
        }
        long millis = channels.directPathMillis();
        directPathDeadline = from.connection()
                .eventLoop()
                .schedule(
                        () -> close(
                                ErrorCode.NO_DIRECT_PATH,
                                "no direct path to \"" + peer() + "\" was found in " + millis
                                        + " ms, and one of the two clients takes no other",
                                false),
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    private void cancelDeadline() {
        if (directPathDeadline != null) {
            directPathDeadline.cancel(false);
            directPathDeadline = null;
        }
    }

    private void open(ConnectedChannel established) {
        cancelDeadline();
        established.open(peer().value(), path.current());
        channels.opened(this);
    }

    private void sayHello(ConnectedChannel to) {
        to.send(Control.newBuilder()
                .setPeerHello(PeerHello.newBuilder()
                        .setVersion(Protocol.version())
                        .setPathPolicy(io.conec.internal.protocol.PathPolicy.valueOf(policy.name())))
                .build());
    }

    private static PathPolicy policy(PeerHello hello) {
        return switch (hello.getPathPolicy()) {
            case AUTO, UNRECOGNIZED -> PathPolicy.AUTO;
            case RELAY_ONLY -> PathPolicy.RELAY_ONLY;
            case DIRECT_ONLY -> PathPolicy.DIRECT_ONLY;
        };
    }
}
