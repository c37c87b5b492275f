package io.conec.internal.transport;

import java.net.InetSocketAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Decides about connections that others dial. Called on the event loop. */
@FunctionalInterface
public interface Acceptor {
    /** How the other side's certificate is verified, who hears of the connection, and what this side proves itself with. */
    record Acceptance(
            PeerVerifier verifier,
            Function<Connection, Connection.Listener> listener,
            @Nullable Credentials credentials) {
        /** With the credentials that the endpoint uses at the time. */
        public Acceptance(PeerVerifier verifier, Function<Connection, Connection.Listener> listener) {
            this(verifier, listener, null);
        }
    }

    /** Lets a first packet from that address (a virtual one for a peer) begin a handshake; null drops it. */
    @Nullable
    Acceptance accept(InetSocketAddress from);
}
