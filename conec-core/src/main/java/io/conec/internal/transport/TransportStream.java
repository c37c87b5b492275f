package io.conec.internal.transport;

import io.conec.ErrorCode;
import io.conec.internal.protocol.Frames;
import io.conec.internal.protocol.Protocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamResetException;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One bidirectional QUIC stream. Owned by the event loop.
 *
 * <p>Both directions always end with a FIN, never with RESET_STREAM or STOP_SENDING: Netty 4.2.18 frees a stream only once it has read a FIN, and tells no
 * code of a STOP_SENDING. What a FIN means, the frames and the control stream say (PROTOCOL.md, "End of a stream"). A RESET_STREAM or STOP_SENDING that arrives all the
 * same, from another implementation, is reported.
 */
public final class TransportStream {
    /** Hears what arrives. */
    public interface Listener {
        /** Bytes arrived; the listener does not release them. */
        void data(ByteBuf bytes);

        /** What was asked for with {@link #read} has been delivered; nothing more comes until the next. */
        void readComplete();

        /** The other side has ended its direction. */
        void fin();

        /** The other side has sent RESET_STREAM, or STOP_SENDING, whose code Netty does not tell. */
        void transportReset(ErrorCode code);

        /** Both directions have ended, or the connection has. The last call. */
        void transportClosed();
    }

    private static final Logger log = LoggerFactory.getLogger(TransportStream.class);

    private final QuicStreamChannel channel;
    private final Connection connection;
    private final Handler handler;
    private boolean outputEnded;
    /** Written, and not yet QUIC's. */
    private int underWay;

    private TransportStream(QuicStreamChannel channel, Handler handler) {
        this.channel = channel;
        this.connection = channel.parent().attr(Connection.KEY).get();
        this.handler = handler;
    }

    static TransportStream of(QuicStreamChannel channel) {
        channel.config().setAutoRead(false).setAllocator(Endpoint.ALLOCATOR);
        return new TransportStream(channel, channel.pipeline().get(Handler.class));
    }

    /** QUIC's stream id. */
    public long id() {
        return channel.streamId();
    }

    public EventLoop eventLoop() {
        return channel.eventLoop();
    }

    /** Runs the task on the event loop when QUIC has all packets that have come, or soon if it has. */
    public void afterRead(Runnable task) {
        connection.afterRead(task);
    }

    public ByteBufAllocator allocator() {
        return channel.alloc();
    }

    /** Begins to tell the listener; it asks for data with {@link #read}. */
    public void open(Listener listener) {
        handler.listener = listener;
        if (!channel.isActive()) {
            listener.transportClosed();
        }
    }

    /** Asks for more data; several calls before the answer are one. */
    public void read() {
        channel.read();
        connection.acknowledgements().windowOpened();
    }

    /** Application data of the other side has come, for the first time or once more. */
    public void heard() {
        connection.heard();
    }

    /** Whether QUIC has taken all that was written. */
    public boolean isWritable() {
        return channel.isWritable();
    }

    /**
     * Writes bytes behind all earlier ones and releases them. {@code taken} runs when QUIC has taken them all, {@code failed} when the stream or connection ended before.
     */
    public void write(ByteBuf bytes, Runnable taken, Runnable failed) {
        write((Object) bytes, taken, failed);
    }

    private void write(Object message, Runnable taken, Runnable failed) {
        underWay++;
        connection.acknowledgements().writing();
        channel.write(message).addListener(written -> {
            underWay--;
            connection.acknowledgements().written();
            if (written.isSuccess()) {
                taken.run();
                return;
            }
            failed.run();
            if (!outputEnded && written.cause() instanceof ChannelOutputShutdownException) {
                handler.stopped(channel);
            }
        });
        connection.acknowledgements().due();
    }

    /**
     * Ends this side's direction with these bytes, which there have to be some of: quiche 0.29.3 drops a FIN without bytes, and does not repeat a lost one, once all bytes before it are acknowledged
     * (cloudflare/quiche#2525). Otherwise as {@link #write}.
     */
    public void finish(ByteBuf last, Runnable taken, Runnable failed) {
        outputEnded = true;
        write(new DefaultQuicStreamFrame(last, true), taken, failed);
    }

    /** Ends this side's direction now, without an end mark; what QUIC has not taken fails. Does nothing if its end is with QUIC. */
    public void abort() {
        boolean taken = underWay == 0;
        if (taken && outputEnded) {
            return;
        }
        outputEnded = true;
        if (taken) {
            // All that was written is whole frames, so this is not the rest of one.
            channel.write(new DefaultQuicStreamFrame(allocator().directBuffer(1).writeByte(Frames.CUT_OFF), true));
            connection.acknowledgements().due();
        } else {
            channel.shutdownOutput();
        }
    }

    /** Passes events on to the listener. Data that arrives before there is one cannot happen: nothing is read. */
    static final class Handler extends ChannelInboundHandlerAdapter {
        private @Nullable Listener listener;
        private boolean inputEnded;
        private boolean outputStopped;

        /** STOP_SENDING was received. Later, because it is noticed in the middle of a write. */
        void stopped(QuicStreamChannel channel) {
            channel.eventLoop().execute(() -> {
                outputStopped = true;
                if (listener != null) {
                    listener.transportReset(ErrorCode.CANCELLED);
                }
                closeIfStopped(channel);
            });
        }

        /** With no FIN of this side's Netty does not see that both directions have ended. */
        private void closeIfStopped(Channel channel) {
            if (inputEnded && outputStopped) {
                channel.close();
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            try {
                if (listener != null && msg instanceof ByteBuf bytes) {
                    listener.data(bytes);
                }
            } finally {
                ReferenceCountUtil.release(msg);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (listener != null) {
                listener.readComplete();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE) {
                inputEnded = true;
                if (listener != null) {
                    listener.fin();
                }
                closeIfStopped(ctx.channel());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (listener != null) {
                listener.transportClosed();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            if (cause instanceof QuicStreamResetException reset) {
                if (listener != null) {
                    listener.transportReset(Protocol.errorCode(reset.applicationProtocolCode()));
                }
                ctx.channel().parent().attr(Connection.KEY).get().streamReset();
                ctx.close();
            } else if (cause instanceof RuntimeException || cause instanceof Error) {
                log.error("QUIC stream {}", ctx.channel(), cause);
            } else {
                log.debug("QUIC stream {}: {}", ctx.channel(), cause.toString());
            }
        }
    }
}
