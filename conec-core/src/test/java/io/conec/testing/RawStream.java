package io.conec.testing;

import static java.util.concurrent.TimeUnit.SECONDS;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.conec.ConecException;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.FrameDecoder;
import io.conec.internal.protocol.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamFrame;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** One QUIC stream, on which a test writes what it likes and reads frames. */
public final class RawStream {
    private static final AttributeKey<RawStream> KEY = AttributeKey.valueOf(RawStream.class, "raw-stream");
    private static final int PATIENCE_SECONDS = 20;

    private final QuicStreamChannel channel;
    private final BlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();

    private RawStream(QuicStreamChannel channel) {
        this.channel = channel;
    }

    static RawStream of(QuicStreamChannel channel) {
        return channel.attr(KEY).get();
    }

    /** The handler of streams, whichever side opens them. */
    static ChannelInitializer<QuicStreamChannel> handler(Consumer<RawStream> opened) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(QuicStreamChannel stream) {
                RawStream raw = new RawStream(stream);
                stream.attr(KEY).set(raw);
                stream.pipeline().addLast(raw.new Reader());
                opened.accept(raw);
            }
        };
    }

    /** QUIC's stream id. */
    public long id() {
        return channel.streamId();
    }

    /** Writes bytes as they are. */
    public RawStream write(byte[] bytes) {
        channel.writeAndFlush(Unpooled.wrappedBuffer(bytes));
        return this;
    }

    /** Writes one frame with this payload. */
    public RawStream frame(byte[] payload) {
        ByteBuf frame = Unpooled.directBuffer(payload.length + Frames.MAX_OVERHEAD);
        Frames.write(frame, payload);
        channel.writeAndFlush(frame);
        return this;
    }

    /** Writes one frame with this message. */
    public RawStream frame(MessageLite message) {
        return frame(message.toByteArray());
    }

    /** Sends a FIN, with or without an end mark before it. */
    public RawStream fin() {
        channel.writeAndFlush(QuicStreamFrame.EMPTY_FIN);
        return this;
    }

    /** Sends RESET_STREAM. */
    public RawStream reset(int code) {
        channel.shutdownOutput(code);
        return this;
    }

    /** Sends STOP_SENDING. */
    public RawStream stopSending(int code) {
        channel.shutdownInput(code);
        return this;
    }

    /** The next whole frame's payload. */
    public byte[] next() throws InterruptedException {
        byte[] payload = frames.poll(PATIENCE_SECONDS, SECONDS);
        if (payload == null) {
            throw new AssertionError("no frame on stream " + id());
        }
        return payload;
    }

    /** Whether {@link #next()} would not wait. */
    public boolean hasFrame() {
        return !frames.isEmpty();
    }

    /** The next frame that is a control message of this kind; others are skipped. */
    public Control next(Control.KindCase kind) throws InterruptedException, InvalidProtocolBufferException {
        while (true) {
            Control message = Control.parseFrom(next());
            if (message.getKindCase() == kind) {
                return message;
            }
        }
    }

    /** Completes when the other side has ended its direction. */
    public CompletableFuture<Void> ended() {
        return ended;
    }

    /** Whether QUIC takes more for now. */
    public boolean isWritable() {
        return channel.isWritable();
    }

    /** Stops reading, or goes on. */
    public RawStream autoRead(boolean on) {
        channel.config().setAutoRead(on);
        return this;
    }

    private final class Reader extends ChannelInboundHandlerAdapter implements FrameDecoder.Sink {
        private final FrameDecoder decoder = new FrameDecoder(1 << 24, this);

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            try {
                decoder.decode((ByteBuf) message);
            } catch (ConecException e) {
                ended.completeExceptionally(e);
            } finally {
                ReferenceCountUtil.release(message);
            }
        }

        @Override
        public void frame(byte[] payload) {
            frames.add(payload);
        }

        @Override
        public void end() {
            // The FIN behind it counts.
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                ended.complete(null);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            ended.completeExceptionally(new AssertionError("the stream ended without a FIN"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            ended.completeExceptionally(cause);
        }
    }
}
