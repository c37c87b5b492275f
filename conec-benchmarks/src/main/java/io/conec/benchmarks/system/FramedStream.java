package io.conec.benchmarks.system;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Messages with a length of four bytes before each, on any Netty channel that is a stream of bytes. What an experienced user of Netty would write: all on the event
 * loop, nothing copied that need not be.
 */
final class FramedStream implements MessageStream {
    private static final int LENGTH_BYTES = 4;

    /** The size of a coalesced write. */
    private static final int BATCH_BYTES = 65_536;

    /** Written and not yet taken by the transport; more would only wait longer. */
    private static final int MAX_UNDER_WAY_BYTES = 4 * BATCH_BYTES;

    private final Channel channel;
    private final boolean coalesces;
    private int underWay;
    private boolean filling;

    /** @param coalesces whether {@link #pump} gathers messages into writes of 64 KiB */
    FramedStream(Channel channel, boolean coalesces) {
        this.channel = channel;
        this.coalesces = coalesces;
    }

    Channel channel() {
        return channel;
    }

    @Override
    public void send(byte[] message) {
        channel.writeAndFlush(frame(message));
    }

    @Override
    public void sendLast(byte[] message) {
        ByteBuf frame = frame(message);
        channel.writeAndFlush(channel instanceof QuicStreamChannel ? new DefaultQuicStreamFrame(frame, true) : frame);
    }

    private ByteBuf frame(byte[] message) {
        return channel.alloc()
                .directBuffer(LENGTH_BYTES + message.length)
                .writeInt(message.length)
                .writeBytes(message);
    }

    /** On the event loop. */
    @Override
    public void pump(MessageSource source, BooleanSupplier running) {
        channel.eventLoop().execute(() -> fill(source, running));
    }

    private void fill(MessageSource source, BooleanSupplier running) {
        // A write may complete at once, inside of this.
        if (filling) {
            return;
        }
        filling = true;
        int frameBytes = LENGTH_BYTES + source.size();
        int count = coalesces ? Math.max(1, BATCH_BYTES / frameBytes) : 1;
        int bytes = count * frameBytes;
        while (underWay < MAX_UNDER_WAY_BYTES && channel.isActive() && running.getAsBoolean()) {
            ByteBuf batch = channel.alloc().directBuffer(bytes);
            for (int i = 0; i < count; i++) {
                batch.writeInt(source.size());
                source.next(batch);
            }
            underWay += bytes;
            channel.writeAndFlush(batch).addListener(written -> {
                underWay -= bytes;
                if (written.isSuccess()) {
                    fill(source, running);
                }
            });
        }
        filling = false;
    }

    /** Cuts what arrives into messages and hands them to the handler without a copy. */
    static final class Reader extends ByteToMessageDecoder {
        private final MessageHandler handler;

        Reader(MessageHandler handler) {
            this.handler = handler;
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            while (in.readableBytes() >= LENGTH_BYTES) {
                int length = in.getInt(in.readerIndex());
                if (in.readableBytes() < LENGTH_BYTES + length) {
                    return;
                }
                in.skipBytes(LENGTH_BYTES);
                handler.message(in, length);
                in.skipBytes(length);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            System.err.println(ctx.channel() + ": " + cause);
            ctx.close();
        }
    }
}
