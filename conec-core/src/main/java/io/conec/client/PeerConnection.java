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
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One end of an introduction: first only a route and what to expect, then a connection, then an open channel. Outlives the introduction: another one may take its place.
 * Owned by the event loop.
 */
final class PeerConnection implements ConnectedChannel.Role {
    private final ClientId peer;
    private final PeerRoute route;
    private final X509Certificate introduced;
    private final Verification verification;
    private final Credentials credentials;
    private final PeerPath path;
    private final PathPolicy policy;
    private final PeerChannels channels;
    private long introduction;
    private boolean relayLost;
    private boolean greeted;
    private volatile @Nullable ConnectedChannel channel;

    PeerConnection(
            long introduction,
            ClientId peer,
            PeerRoute route,
            X509Certificate introduced,
            Verification verification,
            Credentials credentials,
            PeerPath path,
            PathPolicy policy,
            PeerChannels channels) {
        this.introduction = introduction;
        this.peer = peer;
        this.route = route;
        this.introduced = introduced;
        this.verification = verification;
        this.credentials = credentials;
        this.path = path;
        this.policy = policy;
        this.channels = channels;
        path.onMove(this::moved);
    }

    /** The latest one. */
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

    boolean isOpen() {
        ConnectedChannel now = channel;
        return now != null && now.isOpen();
    }

    /** Whether a certificate proves the key that this connection was made with; it may have been renewed. */
    boolean hasKeyOf(X509Certificate other) {
        return introduced.getPublicKey().equals(other.getPublicKey());
    }

    /** Nothing is relayed for the introduction any more. */
    void relayLost() {
        relayLost = true;
    }

    boolean isRelayLost() {
        return relayLost;
    }

    /** The coordinator has made this introduction for the channel to go on with. */
    void restored(long newIntroduction) {
        introduction = newIntroduction;
        relayLost = false;
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
        from.connection()
                .eventLoop()
                .schedule(
                        () -> {
                            if (!from.isOpen()) {
                                close(
                                        ErrorCode.NO_DIRECT_PATH,
                                        "no direct path to \"" + peer + "\" was found in " + millis
                                                + " ms, and one of the two clients takes no other");
                            }
                        },
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    private void open(ConnectedChannel established) {
        established.open(peer.value(), path.current());
        channels.opened(this, established);
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
