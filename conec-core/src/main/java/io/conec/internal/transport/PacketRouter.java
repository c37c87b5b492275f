package io.conec.internal.transport;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The first handler of an endpoint's socket: decides which datagrams reach QUIC, and which codec. Owned by the event loop.
 *
 * <p>Pipeline: router, server codec, client codec, where there are such. A codec takes every datagram that reaches it, so packets for the client codec are fired from the
 * server codec's context (netty-codec-quic has no pipeline support for both roles).
 */
abstract class PacketRouter extends ChannelDuplexHandler {
    private static final String SERVER_CODEC = "server-codec";

    private final PacketCounts counts;
    private final ReadBatch batch = new ReadBatch();
    private final boolean dials;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ChannelHandlerContext serverCodec;

    PacketRouter(PacketCounts counts, boolean dials) {
        this.counts = counts;
        this.dials = dials;
    }

    /** Routes one datagram, which it has to release or pass on. */
    abstract void route(DatagramPacket packet);

    /** All datagrams of a batch have been routed. */
    void batchComplete() {}

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public final void channelRead(ChannelHandlerContext ctx, Object msg) {
        DatagramPacket packet = (DatagramPacket) msg;
        batch.reading();
        if (VirtualAddress.isVirtual(packet.sender())) {
            drop(packet);
        } else {
            route(packet);
        }
    }

    @Override
    public final void channelReadComplete(ChannelHandlerContext ctx) {
        batch.complete();
        if (isAccepting()) {
            ctx.fireChannelReadComplete();
        }
        if (dials) {
            clientSide().fireChannelReadComplete();
        }
        batchComplete();
    }

    final ChannelHandlerContext context() {
        if (context == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return context;
    }

    /** Of the socket. */
    final ReadBatch batch() {
        return batch;
    }

    final PacketCounts counts() {
        return counts;
    }

    final void drop(DatagramPacket packet) {
        counts.dropped();
        packet.release();
    }

    final void toServerCodec(DatagramPacket packet) {
        context().fireChannelRead(packet);
    }

    final void toClientCodec(DatagramPacket packet) {
        clientSide().fireChannelRead(packet);
    }

    /** Whether {@link #accept} was called. */
    final boolean isAccepting() {
        return serverCodec != null;
    }

    /** From now on there is a server codec: this one. */
    final void accept(ChannelHandler codec) {
        context().pipeline().addAfter(context().name(), SERVER_CODEC, codec);
        serverCodec = context().pipeline().context(codec);
    }

    /** The context whose next handler is the client codec. */
    private ChannelHandlerContext clientSide() {
        ChannelHandlerContext before = serverCodec;
        return before != null ? before : context();
    }

    /** Whether two addresses are the same: codecs and sockets make new objects all the time. */
    static boolean same(InetSocketAddress a, InetSocketAddress b) {
        return a.getPort() == b.getPort() && a.getAddress().equals(b.getAddress());
    }
}
