package io.conec.internal.transport;

import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way of one peer connection's packets below QUIC: the virtual address that QUIC knows the peer by, the relay handle under which the coordinator takes and brings its
 * packets, and the peer's own address while they go there directly. QUIC notices nothing of a change. Owned by the event loop.
 */
public final class PeerRoute {
    /** Addresses that packets of one peer connection are taken from. More than a host has, and each has to be proven by a probe. */
    static final int MAX_ADMITTED = 16;

    /** A packet that is longer carries more than an acknowledgement. */
    static final int ACKNOWLEDGEMENT_BYTES = 150;

    private final InetSocketAddress virtualAddress;
    private final boolean dialled;
    private final Set<InetSocketAddress> admitted = new LinkedHashSet<>();
    private final Runnable firstSend;
    private long relayHandle;
    private @Nullable InetSocketAddress direct;
    private @Nullable ByteBuf lastShort;
    private @Nullable ByteBuf lastLong;
    private boolean shortIsLater;
    private boolean barsRelayOnceDirect;
    private boolean relayBarred;
    private boolean watched;
    private long sent;
    private long receivedDirect;
    private long receivedRelayed;

    PeerRoute(InetSocketAddress virtualAddress, long relayHandle, boolean dialled, Runnable firstSend) {
        this.virtualAddress = virtualAddress;
        this.relayHandle = relayHandle;
        this.dialled = dialled;
        this.firstSend = firstSend;
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

    /** Where packets go right now; null for the relay. */
    public @Nullable InetSocketAddress direct() {
        return direct;
    }

    /** From now on sends packets there, or, given null, through the relay. Incoming packets are taken from both. */
    public void direct(@Nullable InetSocketAddress address) {
        direct = address;
        relayBarred = barsRelayOnceDirect;
    }

    /** From the first direct path on, drops packets that would have to go through the relay. */
    public void barRelayOnceDirect() {
        barsRelayOnceDirect = true;
        relayBarred = direct != null;
    }

    /** Packets that QUIC has sent so far. */
    public long sent() {
        return sent;
    }

    /** Datagrams that came straight from the peer so far, probes not counted. */
    public long receivedDirect() {
        return receivedDirect;
    }

    /** Datagrams that came through the relay so far, probes not counted. */
    public long receivedRelayed() {
        return receivedRelayed;
    }

    /** Wants to be told of the next packet that is sent. */
    public void watch() {
        watched = true;
    }

    boolean isRelayBarred() {
        return relayBarred;
    }

    void relayHandle(long handle) {
        relayHandle = handle;
    }

    Set<InetSocketAddress> admitted() {
        return admitted;
    }

    /** The first of the addresses that were admitted, but not where packets go. */
    InetSocketAddress oldestUnused() {
        return admitted.stream()
                .filter(address -> !address.equals(direct))
                .findFirst()
                .orElseThrow();
    }

    void receivedOneDirect() {
        receivedDirect++;
    }

    void receivedOneRelayed() {
        receivedRelayed++;
    }

    /** QUIC sends these packets, of which the last one begins at that offset from the reader index. */
    void sending(ByteBuf packets, int offsetOfLast) {
        sent++;
        remember(packets, offsetOfLast);
        if (watched) {
            watched = false;
            firstSend.run();
        }
    }

    /**
     * Copies of the packets that are worth sending again after a silence, in the order of their sending: the last one, and before it, if that may be a mere acknowledgement, the
     * last one that is more. QUIC answers an acknowledgement with nothing, so that alone would not end the other direction's waiting.
     */
    List<ByteBuf> lastPackets() {
        List<ByteBuf> last = new ArrayList<>(2);
        if (lastLong != null) {
            last.add(lastLong);
        }
        if (lastShort != null && shortIsLater) {
            last.add(lastShort);
        }
        return last;
    }

    void release() {
        if (lastShort != null) {
            lastShort.release();
            lastShort = null;
        }
        if (lastLong != null) {
            lastLong.release();
            lastLong = null;
        }
    }

    private void remember(ByteBuf packets, int offsetOfLast) {
        int length = packets.readableBytes() - offsetOfLast;
        shortIsLater = length <= ACKNOWLEDGEMENT_BYTES;
        ByteBuf copy;
        if (shortIsLater) {
            copy = lastShort != null ? lastShort : Endpoint.ALLOCATOR.directBuffer(ACKNOWLEDGEMENT_BYTES);
            lastShort = copy;
        } else {
            copy = lastLong != null ? lastLong : Endpoint.ALLOCATOR.directBuffer(EndpointConfig.PAYLOAD_BYTES);
            lastLong = copy;
        }
        copy.clear().writeBytes(packets, packets.readerIndex() + offsetOfLast, length);
    }
}
