package io.conec.internal.transport;

import io.netty.buffer.ByteBuf;
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
    private final PacketCounts counts;
    private final ReadBatch batch = new ReadBatch();
    private final boolean dials;
    private @Nullable ChannelHandlerContext context;
    private @Nullable AcknowledgementDelay acknowledgements;
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
        acknowledgements = new AcknowledgementDelay(ctx.executor(), this::haveQuicSend);
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
        acknowledgements().readComplete();
        batchComplete();
    }

    private void haveQuicSend() {
        if (isAccepting()) {
            context().fireChannelReadComplete();
        }
        if (dials) {
            clientSide().fireChannelReadComplete();
        }
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

    /** Of all connections on the socket. */
    final AcknowledgementDelay acknowledgements() {
        if (acknowledgements == null) {
            throw new IllegalStateException("not in a pipeline");
        }
        return acknowledgements;
    }

    final PacketCounts counts() {
        return counts;
    }

    final void drop(DatagramPacket packet) {
        counts.dropped();
        packet.release();
    }

    final void toServerCodec(DatagramPacket packet) {
        acknowledgements().received(hasLongHeader(packet.content()));
        context().fireChannelRead(packet);
    }

    final void toClientCodec(DatagramPacket packet) {
        acknowledgements().received(hasLongHeader(packet.content()));
        clientSide().fireChannelRead(packet);
    }

    /** Whether {@link #accept} was called. */
    final boolean isAccepting() {
        return serverCodec != null;
    }

    /** From now on there is a server codec: this one. */
    final void accept(ChannelHandler codec) {
        context().pipeline().addAfter(context().name(), null, codec);
        serverCodec = context().pipeline().context(codec);
    }

    /** The context whose next handler is the client codec. */
    private ChannelHandlerContext clientSide() {
        ChannelHandlerContext before = serverCodec;
        return before != null ? before : context();
    }

    /** RFC 9000, section 17.2. */
    private static boolean hasLongHeader(ByteBuf packet) {
        return packet.isReadable() && packet.getByte(packet.readerIndex()) < 0;
    }

    /** Whether two addresses are the same: codecs and sockets make new objects all the time. */
    static boolean same(InetSocketAddress a, InetSocketAddress b) {
        return a.getPort() == b.getPort() && a.getAddress().equals(b.getAddress());
    }
}
