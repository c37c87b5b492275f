package io.conec.internal.channel;

import com.google.protobuf.InvalidProtocolBufferException;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
import io.conec.internal.protocol.FrameDecoder;
import io.conec.internal.protocol.Frames;
import io.conec.internal.protocol.Header;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.StreamHeader;
import io.conec.internal.protocol.StreamReply;
import io.conec.internal.protocol.StreamReset;
import io.conec.internal.transport.TransportStream;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The one kind of stream. The application's side of it is in {@link SendQueue} and {@link ReceiveQueue}; this class is the wire's side, owned by the event loop:
 *
 * <pre>
 *            opened by this side: AWAITING_REPLY --reply 0--> OPEN
 *                                       |  `--reply code--> ENDED
 *        opened by the other: AWAITING_HEADER --header, handler--> OPEN
 *                                       |  `--no handler--> ENDED
 *                                       |
 *   any --reset by a side, or end of the channel--> ENDED
 *   OPEN --each direction finished or given up, and QUIC done with it--> ENDED
 * </pre>
 */
final class DataStream implements ConecStream, TransportStream.Listener, FrameDecoder.Sink {
    private enum State {
        AWAITING_REPLY,
        AWAITING_HEADER,
        OPEN,
        ENDED
    }

    private final ConnectedChannel channel;
    private final TransportStream transport;
    private final TransportConfig config;
    private final FrameDecoder decoder;
    private final SendQueue sending;
    private final ReceiveQueue receiving;
    private final CompletableFuture<ErrorCode> closed = new CompletableFuture<>();
    private final CompletableFuture<ConecStream> opened = new CompletableFuture<>();
    private volatile String name = "";
    private volatile Map<String, String> headers = Map.of();

    private volatile State state;
    private boolean discarding;
    private boolean peerFinished;
    private boolean peerStoppedReceiving;
    private boolean transportClosed;
    /** Why a direction was given up, while the other went on. */
    private ErrorCode givenUp = ErrorCode.NO_ERROR;

    private @Nullable ScheduledFuture<?> deadline;

    private DataStream(ConnectedChannel channel, TransportStream transport, State state) {
        this.channel = channel;
        this.transport = transport;
        this.config = channel.config();
        this.state = state;
        this.decoder = new FrameDecoder(Protocol.MAX_CONTROL_BYTES, this);
        this.sending = new SendQueue(
                transport,
                channel.dispatcher(),
                channel::execute,
                config.maxMessageBytes(),
                config.sendBufferBytes(),
                channel.traffic()::sent);
        this.receiving = new ReceiveQueue(
                channel.dispatcher(), config.receiveBufferBytes(), () -> channel.execute(transport::read));
    }

    /** A stream that this side opens: sends the header. */
    static DataStream open(ConnectedChannel channel, TransportStream transport, StreamHeader header) {
        DataStream stream = new DataStream(channel, transport, State.AWAITING_REPLY);
        stream.name = header.getName();
        stream.headers = headers(header);
        transport.open(stream);
        transport.write(Frames.of(transport.allocator(), header), () -> {}, () -> {});
        stream.deadline("no answer to the opening of stream \"" + stream.name + "\"");
        transport.read();
        return stream;
    }

    /** A stream that the other side opens: waits for its header. */
    static DataStream accept(ConnectedChannel channel, TransportStream transport) {
        DataStream stream = new DataStream(channel, transport, State.AWAITING_HEADER);
        transport.open(stream);
        stream.deadline("no header on stream " + transport.id());
        return stream;
    }

    /** Begins to read what the other side has opened. */
    void start() {
        transport.read();
    }

    /** Whether both sides have agreed to it and it has not ended. Any thread. */
    boolean isOpen() {
        return state == State.OPEN;
    }

    /** Completes once the other side has accepted or refused. */
    CompletableFuture<ConecStream> opened() {
        return opened;
    }

    // The application's side.

    @Override
    public ConecChannel channel() {
        return channel;
    }

    @Override
    public long id() {
        return transport.id();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, String> headers() {
        return headers;
    }

    @Override
    public CompletableFuture<Void> send(ConecMessage message) {
        return sending.send(message);
    }

    @Override
    public CompletableFuture<Void> finish() {
        return sending.finish();
    }

    @Override
    public Optional<ConecMessage> receive() throws InterruptedException {
        return receiving.receive(null);
    }

    @Override
    public Optional<ConecMessage> receive(Duration timeout) throws InterruptedException {
        return receiving.receive(timeout);
    }

    @Override
    public CompletableFuture<Optional<ConecMessage>> receiveAsync() {
        return receiving.receiveAsync();
    }

    @Override
    public Flow.Publisher<ConecMessage> messages() {
        return receiving.messages(() -> stopReceiving(ErrorCode.CANCELLED));
    }

    @Override
    public void dropOldest(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity: " + capacity);
        }
        receiving.dropOldest(capacity);
    }

    @Override
    public long lostMessages() {
        return receiving.lost();
    }

    @Override
    public void stopReceiving(ErrorCode code) {
        requireFailure(code);
        receiving.fail(new ConecException(code, "this side has stopped receiving"), false);
        channel.execute(() -> {
            if (state == State.ENDED || discarding) {
                return;
            }
            if (!peerFinished) {
                givenUp(code);
                sendReset(code, "", true);
            }
            discard();
        });
    }

    @Override
    public void reset(ErrorCode code, String message) {
        requireFailure(code);
        channel.execute(() -> resetNow(code, message));
    }

    @Override
    public CompletableFuture<ErrorCode> closed() {
        return closed.copy();
    }

    @Override
    public void close() {
        sending.finish();
        if (!receiving.drained()) {
            stopReceiving(ErrorCode.CANCELLED);
        }
    }

    @Override
    public String toString() {
        return "stream " + id() + " \"" + name + "\" of " + channel;
    }

    // The wire's side, on the event loop.

    @Override
    public void data(ByteBuf bytes) {
        if (discarding) {
            return;
        }
        try {
            decoder.decode(bytes);
        } catch (ConecException e) {
            channel.misbehaved(this, e);
            // Before the stream is open its first frame is all there is.
            boolean header = e.code() == ErrorCode.MESSAGE_TOO_LARGE && state == State.AWAITING_HEADER;
            resetNow(header ? ErrorCode.HEADERS_TOO_LARGE : e.code(), e.getMessage());
        }
    }

    @Override
    public void readComplete() {
        if (discarding || receiving.hasRoom()) {
            transport.read();
        }
    }

    @Override
    public void frame(byte[] payload) {
        switch (state) {
            case AWAITING_REPLY -> reply(payload);
            case AWAITING_HEADER -> header(payload);
            case OPEN -> {
                channel.traffic().received(payload.length);
                receiving.add(payload);
            }
            case ENDED -> {
                // Reset by this side a moment ago.
            }
        }
    }

    @Override
    public void end() {
        peerFinished = true;
        if (state == State.OPEN) {
            receiving.end();
        } else if (state != State.ENDED) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "a stream ended before it was opened");
        }
    }

    @Override
    public void fin() {
        if (!peerFinished && !discarding) {
            awaitReset();
        }
    }

    @Override
    public void transportReset(ErrorCode code) {
        failed(code, "the other side reset the stream");
    }

    @Override
    public void transportClosed() {
        transportClosed = true;
        if (state == State.ENDED) {
            channel.closed(this);
        } else if ((sending.finished() || peerStoppedReceiving) && (peerFinished || discarding)) {
            ended(givenUp);
        } else {
            awaitReset();
        }
    }

    /**
     * A direction has ended without an end mark: it was given up, and the control stream says why. As streams do not wait for each other, that may be yet to come. When
     * the whole connection has ended, that is about to be told.
     */
    private void awaitReset() {
        if (deadline == null && state != State.ENDED) {
            deadline("no word on why stream " + id() + " was given up");
        }
    }

    /** The other side reset this stream, or wants no more from it. */
    void resetByPeer(StreamReset reset) {
        ErrorCode code = Protocol.errorCode(reset.getCode());
        String message = reset.getMessage().isEmpty()
                ? reset.getStopSendingOnly()
                        ? "the other side has stopped receiving"
                        : "the other side reset the stream"
                : Protocol.reason(reset.getMessage());
        if (reset.getStopSendingOnly() && (state == State.OPEN || state == State.AWAITING_REPLY)) {
            if (!sending.finished() && !peerStoppedReceiving) {
                peerStoppedReceiving = true;
                givenUp(code);
                sending.fail(new ConecException(code, message));
                transport.abort();
            }
        } else {
            failed(code, message);
        }
    }

    /** The channel has ended. */
    void channelEnded(ConecException cause) {
        if (state != State.ENDED) {
            sending.fail(cause);
            receiving.fail(cause, true);
            channel.dispatcher().execute(() -> opened.completeExceptionally(cause));
            ended(cause.code());
        }
    }

    private void header(byte[] payload) {
        StreamHeader header;
        try {
            header = StreamHeader.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "malformed stream header", e);
        }
        name = header.getName();
        headers = headers(header);
        try {
            checkHeader(header, config.maxHeaderBytes());
            channel.offer(this);
        } catch (ConecException e) {
            refuse(e.code(), e.getMessage());
        }
    }

    /** The application takes the stream. */
    void accept() {
        cancelDeadline();
        state = State.OPEN;
        decoder.maxPayload(config.maxMessageBytes());
        StreamReply accepted = StreamReply.getDefaultInstance();
        transport.write(Frames.of(transport.allocator(), accepted), () -> {}, () -> {});
        sending.start();
    }

    private void refuse(ErrorCode code, String message) {
        channel.refused(name, code, false);
        StreamReply refused = StreamReply.newBuilder()
                .setCode((int) code.code())
                .setMessage(Protocol.reason(message))
                .build();
        transport.write(Frames.of(transport.allocator(), refused), () -> {}, () -> {});
        transport.finish();
        discard();
        end(code, message);
    }

    private void reply(byte[] payload) {
        StreamReply reply;
        try {
            reply = StreamReply.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "malformed stream reply", e);
        }
        if (reply.getCode() == 0) {
            cancelDeadline();
            state = State.OPEN;
            decoder.maxPayload(config.maxMessageBytes());
            channel.opened(this, false);
            channel.dispatcher().execute(() -> opened.complete(this));
            sending.start();
            return;
        }
        ErrorCode code = Protocol.errorCode(reply.getCode());
        channel.refused(name, code, true);
        discard();
        transport.abort();
        end(
                code,
                reply.getMessage().isEmpty()
                        ? "the other side refused the stream"
                        : Protocol.reason(reply.getMessage()));
    }

    private void resetNow(ErrorCode code, String message) {
        if (state == State.ENDED) {
            return;
        }
        sendReset(code, message, false);
        end(code, message.isEmpty() ? "this side reset the stream" : message);
        discard();
        transport.abort();
    }

    /** The other side gave the stream up. */
    private void failed(ErrorCode code, String message) {
        end(code, message);
        discard();
        transport.abort();
    }

    private void end(ErrorCode code, String message) {
        if (state == State.ENDED) {
            return;
        }
        ConecException cause = new ConecException(code, message);
        sending.fail(cause);
        receiving.fail(cause, false);
        channel.dispatcher().execute(() -> opened.completeExceptionally(cause));
        ended(code);
    }

    private void ended(ErrorCode code) {
        state = State.ENDED;
        cancelDeadline();
        if (transportClosed) {
            channel.closed(this);
        }
        channel.dispatcher().execute(() -> closed.complete(code));
    }

    private void givenUp(ErrorCode code) {
        if (givenUp == ErrorCode.NO_ERROR) {
            givenUp = code;
        }
    }

    /** Reads on without looking, up to the FIN, without which neither QUIC nor Netty forgets the stream. */
    private void discard() {
        discarding = true;
        transport.read();
    }

    private void sendReset(ErrorCode code, String message, boolean stopSendingOnly) {
        channel.sendReset(StreamReset.newBuilder()
                .setStream(transport.id())
                .setCode((int) code.code())
                .setMessage(Protocol.reason(message))
                .setStopSendingOnly(stopSendingOnly)
                .build());
    }

    private void deadline(String message) {
        deadline = transport
                .eventLoop()
                .schedule(
                        () -> resetNow(
                                ErrorCode.TIMEOUT,
                                message + " in " + config.requestTimeout().toMillis() + " ms"),
                        config.requestTimeout().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void cancelDeadline() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    /** @throws ConecException with {@link ErrorCode#HEADERS_TOO_LARGE} or {@link ErrorCode#PROTOCOL_VIOLATION} */
    static void checkHeader(StreamHeader header, int maxBytes) {
        if (header.getName().isEmpty()) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "a stream needs a name");
        }
        if (header.getSerializedSize() > maxBytes) {
            throw new ConecException(
                    ErrorCode.HEADERS_TOO_LARGE,
                    "name and headers take " + header.getSerializedSize() + " bytes, the limit is " + maxBytes);
        }
    }

    private static Map<String, String> headers(StreamHeader header) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header each : header.getHeadersList()) {
            headers.put(each.getName(), each.getValue());
        }
        return java.util.Collections.unmodifiableMap(headers);
    }

    private static void requireFailure(ErrorCode code) {
        if (code == ErrorCode.NO_ERROR) {
            throw new IllegalArgumentException("NO_ERROR is no reason to reset a stream: finish it");
        }
    }
}
