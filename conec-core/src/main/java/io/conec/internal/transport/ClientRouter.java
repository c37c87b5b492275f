package io.conec.internal.transport;

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
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A client's router. Lets in what comes from the coordinator: its own QUIC packets, and under a handle that this client holds the packets of a peer connection, which QUIC
 * sees as coming from the peer's virtual address. Everything else is dropped and counted. The way out is the reverse.
 */
final class ClientRouter extends PacketRouter {
    private final LongConsumer unknownHandle;
    private final LongObjectMap<PeerRoute> byHandle = new LongObjectHashMap<>();
    private final Map<InetSocketAddress, PeerRoute> byVirtualAddress = new HashMap<>();
    private @Nullable InetSocketAddress coordinator;
    private long lastNumber;

    ClientRouter(PacketCounts counts, LongConsumer unknownHandle) {
        super(counts, true, true);
        this.unknownHandle = unknownHandle;
    }

    void coordinator(InetSocketAddress address) {
        coordinator = address;
    }

    PeerRoute add(long relayHandle, boolean dialled) {
        PeerRoute route = new PeerRoute(VirtualAddress.of(++lastNumber), relayHandle, dialled);
        byHandle.put(relayHandle, route);
        byVirtualAddress.put(route.virtualAddress(), route);
        return route;
    }

    void remove(PeerRoute route) {
        byHandle.remove(route.relayHandle(), route);
        byVirtualAddress.remove(route.virtualAddress());
    }

    @Override
    void route(DatagramPacket packet) {
        InetSocketAddress from = coordinator;
        if (from == null || !same(from, packet.sender())) {
            drop(packet);
        } else if (RelayPacket.isQuic(packet.content())) {
            toClientCodec(packet);
        } else {
            switch (RelayPacket.kind(packet.content())) {
                case RelayPacket.RELAY -> relayed(packet);
                case RelayPacket.UNKNOWN_HANDLE -> {
                    long handle = RelayPacket.handle(packet.content());
                    packet.release();
                    if (byHandle.containsKey(handle)) {
                        unknownHandle.accept(handle);
                    }
                }
                default -> drop(packet);
            }
        }
    }

    private void relayed(DatagramPacket packet) {
        ByteBuf content = packet.content();
        PeerRoute route = byHandle.get(RelayPacket.handle(content));
        if (route == null) {
            drop(packet);
            return;
        }
        // The codec parses from the buffer's index 0, so it gets a slice; its reference is the packet's.
        ByteBuf inner = content.slice(
                content.readerIndex() + RelayPacket.HEADER_BYTES, content.readableBytes() - RelayPacket.HEADER_BYTES);
        DatagramPacket unwrapped = new DatagramPacket(inner, VirtualAddress.LOCAL, route.virtualAddress());
        if (route.isDialled()) {
            toClientCodec(unwrapped);
        } else {
            toServerCodec(unwrapped);
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
        InetSocketAddress to = coordinator;
        if (route == null || to == null) {
            // A closing connection's last packets, after its route is gone.
            drop(packet);
            promise.setSuccess();
            return;
        }
        ctx.write(wrap(ctx, packet, route, to), promise);
    }

    /**
     * Puts the relay header before the packet, or before each packet of a segmented one. This copies: a gathering write of one header and one slice a packet costs more
     * than moving 1,200 bytes.
     */
    private static DatagramPacket wrap(
            ChannelHandlerContext ctx, DatagramPacket packet, PeerRoute route, InetSocketAddress to) {
        ByteBuf in = packet.content();
        try {
            int segment = packet instanceof SegmentedDatagramPacket segmented && segmented.segmentSize() > 0
                    ? segmented.segmentSize()
                    : Math.max(1, in.readableBytes());
            int segments = (in.readableBytes() + segment - 1) / segment;
            ByteBuf out = ctx.alloc().directBuffer(in.readableBytes() + segments * RelayPacket.HEADER_BYTES);
            while (in.isReadable()) {
                RelayPacket.writeHeader(out, RelayPacket.RELAY, route.relayHandle());
                out.writeBytes(in, Math.min(segment, in.readableBytes()));
            }
            return segments <= 1
                    ? new DatagramPacket(out, to)
                    : new SegmentedDatagramPacket(out, segment + RelayPacket.HEADER_BYTES, to);
        } finally {
            packet.release();
        }
    }
}
