package io.conec.internal.transport;

import java.net.InetSocketAddress;

/**
 * The way of one peer connection's packets below QUIC: the virtual address that QUIC knows the peer by, and the relay handle under which the coordinator takes and
 * brings its packets. Owned by the event loop.
 */
public final class PeerRoute {
    private final InetSocketAddress virtualAddress;
    private final long relayHandle;
    private final boolean dialled;

    PeerRoute(InetSocketAddress virtualAddress, long relayHandle, boolean dialled) {
        this.virtualAddress = virtualAddress;
        this.relayHandle = relayHandle;
        this.dialled = dialled;
    }

    /** What QUIC takes for the peer's address. */
    public InetSocketAddress virtualAddress() {
        return virtualAddress;
    }

    /** The handle before packets to and from the coordinator. */
    public long relayHandle() {
        return relayHandle;
    }

    /** Whether this side dials. Decides which of the two codecs its packets belong to. */
    public boolean isDialled() {
        return dialled;
    }
}
