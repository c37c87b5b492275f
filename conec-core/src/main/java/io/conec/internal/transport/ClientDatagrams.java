package io.conec.internal.transport;

import io.conec.internal.protocol.LinkCheck;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Takes what reaches a client's socket and is not QUIC. Called on the event loop; nothing given is kept or released. */
public interface ClientDatagrams {
    /** The coordinator relays nothing under this handle, which is one of this client's. */
    void unknownHandle(long handle);

    /** The coordinator has answered a {@link LinkCheck}. */
    void linkStatus(LinkCheck status);

    /**
     * A probe, not yet authenticated.
     *
     * @param from where it came from; null if it came through the relay
     */
    void probe(ByteBuf probe, @Nullable InetSocketAddress from);
}
