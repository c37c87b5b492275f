package io.conec.testing;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.conec.ErrorCode;
import io.conec.internal.protocol.ClientHello;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.Protocol;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicStreamType;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One QUIC connection of a {@link RawClient}. */
public final class RawConnection {
    /**
     * What a CONNECTION_CLOSE from the other side said.
     *
     * @param application whether it was sent by conec rather than by QUIC
     * @param number the error code
     * @param tlsAlert the alert in a QUIC error code, or -1
     */
    public record Closed(boolean application, long number, int tlsAlert, String reason) {
        /** The error code of an application's close. */
        public ErrorCode code() {
            if (!application) {
                throw new AssertionError("closed by QUIC: " + this);
            }
            return ErrorCode.of(number).orElseThrow();
        }
    }

    private static final int PATIENCE_SECONDS = 20;

    private final @Nullable QuicChannel channel;
    private final Handler handler;

    /** Without a channel: refused in the handshake. */
    RawConnection(@Nullable QuicChannel channel, Handler handler) {
        this.channel = channel;
        this.handler = handler;
    }

    /** Opens a bidirectional stream. The first one is the control stream. */
    public RawStream openStream() throws InterruptedException {
        return RawStream.of(channel()
                .createStream(QuicStreamType.BIDIRECTIONAL, RawStream.handler(opened -> {}))
                .sync()
                .getNow());
    }

    /** Opens a unidirectional stream, whether the other side allows it or not. */
    public boolean openUnidirectional() throws InterruptedException {
        return channel()
                .createStream(QuicStreamType.UNIDIRECTIONAL, RawStream.handler(opened -> {}))
                .await()
                .isSuccess();
    }

    /** Opens one more bidirectional stream; null if the other side does not allow it now. */
    public @Nullable RawStream tryOpenStream() throws InterruptedException {
        var created = channel()
                .createStream(QuicStreamType.BIDIRECTIONAL, RawStream.handler(opened -> {}))
                .await();
        return created.isSuccess() ? RawStream.of(created.getNow()) : null;
    }

    /** Says hello for that id on a new control stream. */
    public RawStream hello(String id) throws InterruptedException {
        return openStream()
                .frame(Control.newBuilder()
                        .setClientHello(ClientHello.newBuilder()
                                .setVersion(Protocol.version())
                                .setClientId(id))
                        .build());
    }

    /** As {@link #hello}, and waits for the answer. */
    public RawStream register(String id) throws Exception {
        RawStream control = hello(id);
        control.next(Control.KindCase.COORDINATOR_HELLO);
        return control;
    }

    /** The next stream that the other side opened. */
    public RawStream accept() throws InterruptedException {
        RawStream stream = handler.streams.poll(PATIENCE_SECONDS, SECONDS);
        if (stream == null) {
            throw new AssertionError("no stream was opened");
        }
        return stream;
    }

    /** Waits for the other side to close the connection, and says how it did. */
    public Closed awaitClose() throws InterruptedException, ExecutionException, TimeoutException {
        return handler.closed.get(PATIENCE_SECONDS, SECONDS);
    }

    /** Whether the connection is still there. */
    public boolean isOpen() {
        return channel != null && channel.isActive() && !handler.closed.isDone();
    }

    private QuicChannel channel() {
        return Objects.requireNonNull(channel, "refused in the handshake");
    }

    /** Remembers what happens to a connection; made before it. */
    static final class Handler extends ChannelInboundHandlerAdapter {
        final CompletableFuture<Closed> closed = new CompletableFuture<>();
        final BlockingQueue<RawStream> streams = new LinkedBlockingQueue<>();
        private @Nullable Throwable failure;

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof QuicConnectionCloseEvent close) {
                closed(close);
            }
            context.fireUserEventTriggered(event);
        }

        void closed(QuicConnectionCloseEvent close) {
            closed.complete(new Closed(
                    close.isApplicationClose(),
                    close.error(),
                    close.isTlsError() ? QuicConnectionCloseEvent.extractTlsError(close.error()) : -1,
                    close.isApplicationClose() ? new String(close.reason(), StandardCharsets.UTF_8) : ""));
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            closed.completeExceptionally(
                    new AssertionError("the connection ended without a CONNECTION_CLOSE", failure));
            context.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failure = cause;
        }
    }
}
