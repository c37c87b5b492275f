package io.conec.internal.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import io.netty.util.concurrent.PromiseCombiner;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A socket's last handler before the system, which sends the segments of a packet (UDP_SEGMENT) one by one from when the system has refused one. Linux does so, with EIO, where it cannot leave the checksums to the device: for traffic under an IPsec policy, and before
 * Linux 6.11 for every device that makes none. What was refused is lost, and QUIC sends it again.
 */
final class SegmentedSends extends ChannelOutboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(SegmentedSends.class);

    /** EIO, as Netty has it. */
    private static final int REFUSED = -5;

    /** One for all packets, as each would cost memory. */
    private final GenericFutureListener<Future<Void>> outcome = this::sent;

    private boolean refused;

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
        if (!(msg instanceof SegmentedDatagramPacket packet)) {
            ctx.write(msg, promise);
        } else if (refused) {
            sendEach(ctx, packet, promise);
        } else {
            ctx.write(packet, promise).addListener(outcome);
        }
    }

    private void sent(Future<Void> sent) {
        if (!refused && isRefusal(sent.cause())) {
            refused = true;
            log.warn(
                    "The system refuses segmented packets, so each packet is sent by itself from now on, which takes more of the processor",
                    sent.cause());
        }
    }

    private static boolean isRefusal(@Nullable Throwable cause) {
        return cause instanceof Errors.NativeIoException refusal && refusal.expectedErr() == REFUSED;
    }

    private static void sendEach(ChannelHandlerContext ctx, SegmentedDatagramPacket packet, ChannelPromise promise) {
        PromiseCombiner all = new PromiseCombiner(ctx.executor());
        try {
            ByteBuf content = packet.content();
            while (content.isReadable()) {
                int bytes = Math.min(packet.segmentSize(), content.readableBytes());
                all.add(ctx.write(new DatagramPacket(content.readRetainedSlice(bytes), packet.recipient())));
            }
        } finally {
            packet.release();
        }
        all.finish(promise);
    }
}
