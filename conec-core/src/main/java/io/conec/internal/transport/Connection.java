package io.conec.internal.transport;

import io.conec.CloseReason;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.internal.protocol.Protocol;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicConnectionCloseEvent;
import io.netty.handler.codec.quic.QuicConnectionPathStats;
import io.netty.handler.codec.quic.QuicException;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import io.netty.handler.codec.quic.QuicTransportError;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One QUIC connection. Owned by the event loop: every method but {@link #execute} and the accessors is called there, and the listener is too.
 */
public final class Connection {
    /** Hears what happens to a connection. */
    public interface Listener {
        /** The handshake is complete and the other side's certificate verified; {@link #peerCertificates} is set. */
        void established();

        /** The other side opened a bidirectional stream. Nothing of it is read before {@link TransportStream#open}. */
        void streamOpened(TransportStream stream);

        /**
         * The other side has closed the connection: no more packets come (RFC 9000, section 10.2.2). All that it has sent to streams that are read has been handed over; the others
         * can be read for a moment, then the connection ends. Does nothing by default.
         */
        default void closing() {}

        /** The connection has ended, or was never established. The last call. */
        void closed(CloseReason reason);
    }

    private enum State {
        HANDSHAKING,
        ESTABLISHED,
        CLOSED
    }

    /** conec resets streams by other means, and Netty 4.2.18 keeps what is left of each such stream as long as the connection. */
    private static final int MAX_STREAM_RESETS = 1_000;

    static final AttributeKey<Connection> KEY = AttributeKey.valueOf(Connection.class, "connection");
    private static final Logger log = LoggerFactory.getLogger(Connection.class);

    private final boolean dialled;
    private final PeerVerifier verifier;
    private final String peerHost;
    private final int peerPort;
    private final NetworkThread thread;
    private final ReadBatch batch;
    private final AcknowledgementDelay acknowledgements;
    private @Nullable Listener listener;
    private @Nullable QuicChannel channel;
    private @Nullable InetSocketAddress firstRemoteAddress;
    private int streamResets;
    private State state = State.HANDSHAKING;
    /** If not, the handshake may still be unconfirmed on the side that dialled (RFC 9001, section 4.1.2). */
    private boolean heard;
    /** Not yet when the handshake is complete and the control stream is opened: Netty learns it right after that. */
    private boolean limitKnown;

    private List<X509Certificate> peerCertificates = List.of();
    private @Nullable CloseReason closeReason;

    /**
     * A connection to be dialled to that host, or accepted.
     *
     * @param batch of the socket
     * @param acknowledgements of the socket
     */
    Connection(
            NetworkThread thread,
            ReadBatch batch,
            AcknowledgementDelay acknowledgements,
            boolean dialled,
            PeerVerifier verifier,
            String peerHost,
            int peerPort) {
        this.thread = thread;
        this.batch = batch;
        this.acknowledgements = acknowledgements;
        this.dialled = dialled;
        this.verifier = verifier;
        this.peerHost = peerHost;
        this.peerPort = peerPort;
    }

    /** Whether this side dialled. */
    public boolean isDialled() {
        return dialled;
    }

    public EventLoop eventLoop() {
        return thread.eventLoop();
    }

    /** Runs the task on the event loop: at once if called there. Returns false when the endpoint has been closed, and the task never runs. */
    public boolean execute(Runnable task) {
        if (eventLoop().inEventLoop()) {
            task.run();
            return true;
        }
        return thread.execute(task);
    }

    /** For the reader of one of its streams. Any thread. */
    public LoopBorrower borrower() {
        return thread.borrower();
    }

    /** Runs the task when QUIC has all packets that have come, or soon if it has. */
    void afterRead(Runnable task) {
        if (!batch.putOff(task)) {
            eventLoop().execute(task);
        }
    }

    AcknowledgementDelay acknowledgements() {
        return acknowledgements;
    }

    /** Whether the other side has proven its address and its key, and its certificate will do. */
    public boolean wasVerified() {
        return !peerCertificates.isEmpty();
    }

    /** What the other side presented, its own certificate first; empty before the handshake is complete. */
    public List<X509Certificate> peerCertificates() {
        return peerCertificates;
    }

    /** Where the packets come from right now, as QUIC sees it: a virtual address for a peer connection. Where they came from first, once it has ended. */
    public @Nullable InetSocketAddress remoteAddress() {
        InetSocketAddress now = channel == null ? null : (InetSocketAddress) channel.remoteSocketAddress();
        return now != null ? now : firstRemoteAddress;
    }

    /** This side's address, as QUIC sees it. */
    public InetSocketAddress localAddress() {
        InetSocketAddress address = channel == null ? null : (InetSocketAddress) channel.localSocketAddress();
        return address != null ? address : new InetSocketAddress(0);
    }

    /** Opens a bidirectional stream. The callback gets it, or the exception: {@link ErrorCode#STREAM_LIMIT} or the reason of the connection's end. */
    public void openStream(Consumer<TransportStream> opened, Consumer<ConecException> failed) {
        QuicChannel quic = channel;
        if (quic == null || state != State.ESTABLISHED) {
            failed.accept(endOr(ErrorCode.CONNECTION_LOST).toException());
            return;
        }
        if (limitKnown && quic.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL) <= 0) {
            // Netty 4.2.18 would fail too, but use up a stream id each time: as an id stands for all below it (RFC
            // 9000,
            // section 2.1), the limit would stay out of reach however many streams are closed.
            failed.accept(streamLimit(null));
            return;
        }
        limitKnown = true;
        quic.createStream(QuicStreamType.BIDIRECTIONAL, new TransportStream.Handler())
                .addListener((Future<QuicStreamChannel> created) -> {
                    if (created.isSuccess()) {
                        opened.accept(TransportStream.of(created.getNow()));
                    } else {
                        failed.accept(notOpened(created.cause()));
                    }
                });
    }

    /** Takes a sample of the smoothed round trip time (RFC 9002, section 5.3). */
    public void roundTrip(Consumer<Duration> sample) {
        if (channel == null || state != State.ESTABLISHED) {
            return;
        }
        channel.collectPathStats(0).addListener((Future<QuicConnectionPathStats> stats) -> {
            if (stats.isSuccess() && stats.getNow() != null) {
                sample.accept(Duration.ofNanos(stats.getNow().rtt()));
            }
        });
    }

    /** Closes the connection and tells the other side. The listener hears of it. Does nothing when closed. */
    public void close(ErrorCode code, String message) {
        if (state == State.CLOSED) {
            return;
        }
        if (closeReason == null) {
            closeReason = new CloseReason(code, message, false);
        }
        if (channel == null) {
            ended();
        } else if (state == State.HANDSHAKING || (dialled && !heard)) {
            // Without the code, as others might read it (RFC 9000, section 10.2.3). With it quiche 0.29.3, if the
            // handshake is complete and not confirmed and a probe timeout is due, sends acknowledgements for ever, on
            // this thread.
            channel.close(false, (int) QuicTransportError.APPLICATION_ERROR.code(), Unpooled.EMPTY_BUFFER);
        } else {
            byte[] reason = Protocol.reason(message).getBytes(StandardCharsets.UTF_8);
            channel.close(true, (int) code.code(), Unpooled.wrappedBuffer(reason));
        }
    }

    /** As {@link #close}, when it is known from elsewhere that the other side has closed the connection for this reason. */
    public void closedByPeer(ErrorCode code, String message) {
        if (closeReason == null) {
            closeReason = new CloseReason(code, message, true);
        }
        close(code, message);
    }

    /** Application data of the other side has come. */
    void heard() {
        heard = true;
    }

    /** The other side has sent RESET_STREAM. */
    void streamReset() {
        if (++streamResets > MAX_STREAM_RESETS) {
            close(ErrorCode.PROTOCOL_VIOLATION, "more than " + MAX_STREAM_RESETS + " streams ended with RESET_STREAM");
        }
    }

    void listener(Listener value) {
        listener = value;
    }

    void channel(QuicChannel quic) {
        channel = quic;
        firstRemoteAddress = (InetSocketAddress) quic.remoteSocketAddress();
        quic.closeFuture().addListener(closed -> ended());
    }

    String peerHost() {
        return peerHost;
    }

    int peerPort() {
        return peerPort;
    }

    void verify(X509Certificate[] chain, String authType, SSLEngine engine) {
        try {
            verifier.verify(chain, authType, engine);
            peerCertificates = List.of(chain);
        } catch (ConecException e) {
            closeReason = new CloseReason(e.code(), e.getMessage(), false);
            throw e;
        }
    }

    /** The dial failed: a reason known from the handshake goes first. */
    void dialFailed(Throwable cause) {
        if (closeReason == null) {
            String detail = cause.getMessage() == null ? "" : ": " + cause.getMessage();
            closeReason = new CloseReason(ErrorCode.CONNECT_FAILED, "no connection could be made" + detail, false);
        }
        ended();
    }

    private void handshakeComplete() {
        if (state != State.HANDSHAKING) {
            return;
        }
        state = State.ESTABLISHED;
        if (peerCertificates.isEmpty()) {
            // A resumed TLS session skips the verification; conec resumes none.
            close(ErrorCode.CERTIFICATE_NOT_TRUSTED, "no certificate was presented in this handshake");
            return;
        }
        listener().established();
    }

    private void closing(CloseReason reason) {
        closeReason = reason;
        // Later: Netty tells of it before it reads what came in the same packet.
        eventLoop().execute(() -> {
            if (state != State.CLOSED) {
                listener().closing();
            }
        });
    }

    private void ended() {
        if (state == State.CLOSED) {
            return;
        }
        QuicChannel quic = channel;
        if (closeReason == null) {
            boolean timedOut = quic != null && quic.isTimedOut();
            closeReason = state == State.HANDSHAKING
                    ? new CloseReason(ErrorCode.CONNECT_FAILED, "the handshake was not completed", false)
                    : timedOut
                            ? new CloseReason(ErrorCode.IDLE_TIMEOUT, "nothing was heard for the idle timeout", false)
                            : new CloseReason(ErrorCode.CONNECTION_LOST, "the connection was lost", false);
        }
        state = State.CLOSED;
        listener().closed(closeReason);
    }

    private static ConecException notOpened(Throwable cause) {
        return cause instanceof QuicException quic && QuicTransportError.STREAM_LIMIT_ERROR.equals(quic.error())
                ? streamLimit(cause)
                : new ConecException(ErrorCode.CONNECTION_LOST, "the stream could not be opened: " + cause, cause);
    }

    private static ConecException streamLimit(@Nullable Throwable cause) {
        return new ConecException(
                ErrorCode.STREAM_LIMIT,
                "the other side allows no more streams at the same time in this channel",
                cause);
    }

    private CloseReason endOr(ErrorCode code) {
        return closeReason != null ? closeReason : new CloseReason(code, "not connected", false);
    }

    private Listener listener() {
        if (listener == null) {
            throw new IllegalStateException("no listener was set");
        }
        return listener;
    }

    /** What Netty tells about the QUIC connection. */
    static final class Handler extends ChannelInboundHandlerAdapter {
        private final Connection connection;

        Handler(Connection connection) {
            this.connection = connection;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent handshake) {
                if (handshake.isSuccess()) {
                    connection.handshakeComplete();
                } else if (connection.closeReason == null) {
                    connection.closeReason = CloseReasons.fromHandshake(handshake.cause());
                }
            } else if (event instanceof QuicConnectionCloseEvent close && connection.closeReason == null) {
                connection.closing(CloseReasons.fromPeer(close));
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            connection.ended();
            ctx.fireChannelInactive();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            log.debug("QUIC connection {}: {}", ctx.channel(), cause.toString());
        }
    }

    /** Takes the streams that the other side opens. */
    static final class IncomingStreams extends io.netty.channel.ChannelInitializer<QuicStreamChannel> {
        @Override
        protected void initChannel(QuicStreamChannel stream) {
            stream.pipeline().addLast(new TransportStream.Handler());
            Connection connection = stream.parent().attr(KEY).get();
            TransportStream opened = TransportStream.of(stream);
            connection.listener().streamOpened(opened);
        }
    }
}
