package io.conec.internal.transport;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Decides about connections that others dial. Called on the event loop. */
@FunctionalInterface
public interface Acceptor {
    /** How the other side's certificate is verified and who hears of the connection. */
    record Acceptance(PeerVerifier verifier, java.util.function.Function<Connection, Connection.Listener> listener) {}

    /** Lets a first packet from that address (a virtual one for a peer) begin a handshake; null drops it. */
    @Nullable
    Acceptance accept(InetSocketAddress from);
}
