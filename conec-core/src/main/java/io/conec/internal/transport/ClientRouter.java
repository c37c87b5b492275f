package io.conec.internal.transport;

import io.conec.internal.protocol.LinkCheck;
import io.conec.internal.protocol.ProbePacket;
import io.conec.internal.protocol.RelayPacket;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client's router. Lets in what comes from the coordinator, that is its own QUIC packets and, under a handle that this client holds, the packets of a peer connection;
 * and packets from an address that a peer has proven by a probe. QUIC sees those of a peer as coming from the peer's virtual address, whatever their way. Everything else is
 * dropped and counted. The way out is the reverse.
 */
final class ClientRouter extends PacketRouter {
    private final ClientDatagrams datagrams;
    private final LongObjectMap<PeerRoute> byHandle = new LongObjectHashMap<>();
    private final Map<InetSocketAddress, PeerRoute> byVirtualAddress = new HashMap<>();
    private final Map<InetSocketAddress, PeerRoute> byAddress = new HashMap<>();
    private @Nullable InetSocketAddress coordinator;
    private long lastNumber;

    ClientRouter(PacketCounts counts, ClientDatagrams datagrams) {
        super(counts, true);
        this.datagrams = datagrams;
    }

    void coordinator(InetSocketAddress address) {
        coordinator = address;
    }

    @Nullable
    InetSocketAddress coordinator() {
        return coordinator;
    }

    PeerRoute add(long relayHandle, boolean dialled, Runnable firstSend) {
        PeerRoute route = new PeerRoute(VirtualAddress.of(++lastNumber), relayHandle, dialled, firstSend);
        byHandle.put(relayHandle, route);
        byVirtualAddress.put(route.virtualAddress(), route);
        return route;
    }

    void remove(PeerRoute route) {
        byHandle.remove(route.relayHandle(), route);
        byVirtualAddress.remove(route.virtualAddress());
        route.admitted().forEach(address -> byAddress.remove(address, route));
        route.release();
    }

    /** The coordinator has given the route another handle. */
    void rebind(PeerRoute route, long relayHandle) {
        byHandle.remove(route.relayHandle(), route);
        route.relayHandle(relayHandle);
        byHandle.put(relayHandle, route);
    }

    /**
     * From now on takes the route's packets from this address too. Returns false, and does not, if another route's packets go there: this side has proven that its peer is there,
     * and of this one's peer it knows only that it can send from there, or has somebody who repeats its probes.
     */
    boolean admit(PeerRoute route, InetSocketAddress address) {
        PeerRoute holder = byAddress.get(address);
        if (holder != null && holder != route) {
            if (address.equals(holder.direct())) {
                return false;
            }
            holder.admitted().remove(address);
        }
        byAddress.put(address, route);
        if (route.admitted().add(address) && route.admitted().size() > PeerRoute.MAX_ADMITTED) {
            InetSocketAddress oldest = route.oldestUnused();
            route.admitted().remove(oldest);
            byAddress.remove(oldest, route);
        }
        return true;
    }

    /** Sends what QUIC sent last on this route once more, over that path; null is the relay. */
    void repeat(PeerRoute route, @Nullable InetSocketAddress to) {
        for (ByteBuf packet : route.lastPackets()) {
            // A copy: the next packet may take its place before this one has left.
            sendOn(route, packet.copy(), to);
        }
    }

    /** Sends a datagram on this route past QUIC, and releases it; null is the relay. */
    void sendOn(PeerRoute route, ByteBuf datagram, @Nullable InetSocketAddress to) {
        InetSocketAddress relay = coordinator;
        if (to != null) {
            context().write(new DatagramPacket(datagram, to));
        } else if (relay != null && !route.isRelayBarred()) {
            context().write(wrap(context(), new DatagramPacket(datagram, relay), route, relay));
        } else {
            datagram.release();
        }
    }

    @Override
    void route(DatagramPacket packet) {
        InetSocketAddress from = coordinator;
        if (from == null || !same(from, packet.sender())) {
            fromElsewhere(packet);
        } else if (RelayPacket.isQuic(packet.content())) {
            toClientCodec(packet);
        } else {
            switch (RelayPacket.kind(packet.content())) {
                case RelayPacket.RELAY -> relayed(packet);
                case RelayPacket.UNKNOWN_HANDLE -> {
                    long handle = RelayPacket.handle(packet.content());
                    packet.release();
                    if (byHandle.containsKey(handle)) {
                        datagrams.unknownHandle(handle);
                    }
                }
                case LinkCheck.STATUS -> {
                    LinkCheck status = LinkCheck.decodeStatus(packet.content());
                    if (status == null) {
                        drop(packet);
                    } else {
                        packet.release();
                        datagrams.linkStatus(status);
                    }
                }
                default -> drop(packet);
            }
        }
    }

    /** Not from the coordinator: from a peer, or from a stranger. */
    private void fromElsewhere(DatagramPacket packet) {
        if (RelayPacket.isQuic(packet.content())) {
            PeerRoute route = byAddress.get(packet.sender());
            if (route == null) {
                drop(packet);
            } else {
                route.receivedOneDirect();
                toCodec(route, packet.content());
            }
        } else if (ProbePacket.isProbe(packet.content())) {
            datagrams.probe(packet.content(), packet.sender());
            packet.release();
        } else {
            drop(packet);
        }
    }

    private void relayed(DatagramPacket packet) {
        ByteBuf content = packet.content();
        PeerRoute route = byHandle.get(RelayPacket.handle(content));
        if (route == null) {
            drop(packet);
            return;
        }
        ByteBuf inner = content.skipBytes(RelayPacket.HEADER_BYTES);
        if (RelayPacket.isQuic(inner)) {
            route.receivedOneRelayed();
            toCodec(route, inner);
        } else if (ProbePacket.isProbe(inner)) {
            datagrams.probe(inner, null);
            packet.release();
        } else {
            drop(packet);
        }
    }

    private void toCodec(PeerRoute route, ByteBuf content) {
        // The codec parses from the buffer's index 0, so it gets a slice; its reference is the packet's.
        DatagramPacket packet = new DatagramPacket(content.slice(), VirtualAddress.LOCAL, route.virtualAddress());
        if (route.isDialled()) {
            toClientCodec(packet);
        } else {
            toServerCodec(packet);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        DatagramPacket packet = (DatagramPacket) msg;
        InetSocketAddress recipient = packet.recipient();
        if (!VirtualAddress.isVirtual(recipient)) {
            ctx.write(msg, promise);
            return;
        }
        PeerRoute route = byVirtualAddress.get(recipient);
        InetSocketAddress relay = coordinator;
        if (route == null || relay == null) {
            // A closing connection's last packets, after its route is gone.
            discard(packet, promise);
            return;
        }
        int segment = segmentSize(packet);
        int packets = segments(packet, segment);
        route.sending(packet.content(), (packets - 1) * segment);
        InetSocketAddress direct = route.direct();
        if (direct != null) {
            ctx.write(redirect(packet, packets, segment, direct), promise);
        } else if (route.isRelayBarred()) {
            discard(packet, promise);
        } else {
            ctx.write(wrap(ctx, packet, route, relay), promise);
        }
    }

    private void discard(DatagramPacket packet, ChannelPromise promise) {
        drop(packet);
        promise.setSuccess();
    }

    /** The same buffer to another address. */
    private static DatagramPacket redirect(DatagramPacket packet, int packets, int segment, InetSocketAddress to) {
        return packets <= 1
                ? new DatagramPacket(packet.content(), to)
                : new SegmentedDatagramPacket(packet.content(), segment, to);
    }

    /**
     * Puts the relay header before the packet, or before each packet of a segmented one. This copies: a gathering write of one header and one slice a packet costs more
     * than moving 1,200 bytes.
     */
    private static DatagramPacket wrap(
            ChannelHandlerContext ctx, DatagramPacket packet, PeerRoute route, InetSocketAddress to) {
        ByteBuf in = packet.content();
        try {
            int segment = segmentSize(packet);
            int packets = segments(packet, segment);
            ByteBuf out = ctx.alloc().directBuffer(in.readableBytes() + packets * RelayPacket.HEADER_BYTES);
            while (in.isReadable()) {
                RelayPacket.writeHeader(out, RelayPacket.RELAY, route.relayHandle());
                out.writeBytes(in, Math.min(segment, in.readableBytes()));
            }
            return packets <= 1
                    ? new DatagramPacket(out, to)
                    : new SegmentedDatagramPacket(out, segment + RelayPacket.HEADER_BYTES, to);
        } finally {
            packet.release();
        }
    }

    private static int segmentSize(DatagramPacket packet) {
        return packet instanceof SegmentedDatagramPacket segmented && segmented.segmentSize() > 0
                ? segmented.segmentSize()
                : Math.max(1, packet.content().readableBytes());
    }

    private static int segments(DatagramPacket packet, int segment) {
        return (packet.content().readableBytes() + segment - 1) / segment;
    }
}
