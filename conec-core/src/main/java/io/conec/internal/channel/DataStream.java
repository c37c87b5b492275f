package io.conec.internal.channel;

import com.google.protobuf.InvalidProtocolBufferException;
import io.conec.ClientId;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ErrorCode;
import io.conec.StreamHandler;
import io.conec.TransportConfig;
import io.conec.internal.protocol.FrameDecoder;
import io.conec.internal.protocol.Frames;
import io.conec.internal.protocol.Header;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.StreamHeader;
import io.conec.internal.protocol.StreamReply;
import io.conec.internal.protocol.StreamReset;
import io.conec.internal.transport.LoopBorrower;
import io.conec.internal.transport.TransportStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one kind of stream. What it sends is in its {@link SendQueue}, what arrives is its {@link Inbound}'s: an {@link ApplicationStream}'s, or a group's. This class is the wire's side, owned by
 * the event loop:
 *
 * <pre>
 *            opened by this side: AWAITING_REPLY --reply 0--> OPEN
 *                                       |  `--reply code--> ENDED
 *        opened by the other: AWAITING_HEADER --header--> AWAITING_DECISION --accepted--> OPEN
 *                                       |                             `--refused--> ENDED
 *                                       |
 *   any --reset by a side, or end of the channel--> ENDED
 *   OPEN --each direction finished or given up, and QUIC done with it--> ENDED
 * </pre>
 */
public final class DataStream implements TransportStream.Listener, FrameDecoder.Sink, Incoming, Outbound {
    private enum State {
        AWAITING_REPLY,
        AWAITING_HEADER,
        AWAITING_DECISION,
        OPEN,
        ENDED
    }

    private final ConnectedChannel channel;
    private final TransportStream transport;
    private final TransportConfig config;
    private final FrameDecoder decoder;
    private final SendQueue sending;
    private final LoopBorrower borrower;
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private volatile String name = "";
    private volatile Map<String, String> headers = Map.of();

    private volatile State state;
    private volatile @Nullable Inbound inbound;
    private int maxFrameBytes;
    /** Messages that came with the header, while it is being decided about. */
    private final List<byte[]> early = new ArrayList<>(0);

    private final Closing closing;

    private final Deferred readComplete = new Deferred(() -> inbound().readComplete());

    private boolean discarding;
    private boolean passingOn;
    /** Tells the application of the open stream, when what came with the opening is there to be read: one thread wakes once. */
    private @Nullable Runnable announcement;

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
        this.closing = new Closing(channel.dispatcher());
        this.decoder = new FrameDecoder(Protocol.MAX_CONTROL_BYTES, this);
        this.borrower = channel.borrower();
        this.sending = new SendQueue(
                transport,
                channel.dispatcher(),
                this::sendNow,
                config.maxMessageBytes(),
                config.sendBufferBytes(),
                channel.traffic()::sent);
        this.maxFrameBytes = config.maxMessageBytes();
    }

    /**
     * A stream that this side opens, with what takes its messages: sends the header.
     *
     * @param only all that is ever sent, at once; null to wait for the other side's reply before anything is sent
     */
    static DataStream open(
            ConnectedChannel channel,
            TransportStream transport,
            StreamHeader header,
            int maxFrameBytes,
            @Nullable ConecMessage only,
            Function<DataStream, Inbound> inbound) {
        DataStream stream = new DataStream(channel, transport, State.AWAITING_REPLY);
        stream.name = header.getName();
        stream.headers = headers(header);
        stream.maxFrameBytes = maxFrameBytes;
        stream.inbound = inbound.apply(stream);
        transport.open(stream);
        ByteBuf first = Frames.of(transport.allocator(), header);
        if (only != null) {
            stream.sending.sendOnly(first, only);
        } else {
            transport.write(first, () -> {}, () -> {});
        }
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

    /** What an application reads it by. */
    ApplicationStream forApplication() {
        return new ApplicationStream(this, channel.dispatcher(), config, borrower);
    }

    /** For frames to send. */
    public ByteBufAllocator allocator() {
        return transport.allocator();
    }

    /** Whether both sides have agreed to it and it has not ended. Any thread. */
    public boolean isOpen() {
        return state == State.OPEN;
    }

    /** Completes once the other side has accepted or refused, on the dispatcher. */
    public CompletableFuture<Void> opened() {
        return opened;
    }

    /** The application's view of it; null for a stream that is not the application's, or not accepted. Any thread. */
    @Nullable
    ApplicationStream application() {
        return inbound instanceof ApplicationStream application ? application : null;
    }

    /** The other side's requests that it carries; null if it does not. Any thread. */
    @Nullable
    AnswerStream requests() {
        return inbound instanceof AnswerStream answers ? answers : null;
    }

    // The sender's and reader's side: any thread.

    @Override
    public ConecChannel channel() {
        return channel;
    }

    /** QUIC's stream id. */
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
    public void finishUnheard() {
        sending.finishUnheard();
    }

    /**
     * Sends one of the frames of many senders. Never waits, and has no limit. Any thread.
     *
     * @param messages how many messages of an application it carries
     * @param payloadBytes their bytes
     * @param heard completed as that of {@link io.conec.ConecStream#send}; null if nobody waits to hear
     * @return why it is not sent; null if it is
     */
    @Nullable
    ConecException sendFrame(byte[] payload, int messages, int payloadBytes, @Nullable SendFuture heard) {
        return sending.sendFrame(payload, messages, payloadBytes, heard);
    }

    /** Has the task run on the event loop: here, if the calling thread may run that. */
    private void sendNow(Runnable task) {
        if (!borrower.run(task)) {
            channel.execute(task);
        }
    }

    /** Whether {@link io.conec.ConecStream#send} would not wait for a message of this size. Any thread. */
    boolean hasRoomFor(int bytes) {
        return sending.hasRoomFor(bytes);
    }

    /**
     * Sends frames that are encoded already, such as those that go to many streams alike. Never waits: it is for the caller to ask {@link #sendsSoon} before. Does not release the
     * frames. On the event loop.
     *
     * @param messages how many messages of an application they carry
     * @param payloadBytes their bytes
     */
    public void sendEncoded(ByteBuf frames, int messages, int payloadBytes) {
        sending.sendEncoded(frames, messages, payloadBytes);
    }

    /** Whether so little waits for QUIC that more will be sent soon; if not, the runnable of {@link #onTaken} follows. Also after the stream's end, when nothing is sent any more. On the event loop. */
    public boolean sendsSoon() {
        return sending.sendsSoon();
    }

    /** Runs each time that QUIC has taken something, on the event loop. */
    public void onTaken(Runnable listener) {
        sending.onTaken(listener);
    }

    @Override
    public void read() {
        channel.execute(transport::read);
    }

    @Override
    public void stopReceiving(ErrorCode code) {
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
        channel.execute(() -> resetNow(code, message));
    }

    @Override
    public CompletableFuture<ErrorCode> closed() {
        return closing.future();
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
            misbehaved(e);
        }
    }

    private void misbehaved(ConecException e) {
        channel.misbehaved(this, e);
        // Before the stream is open its first frame is all there is.
        boolean header = e.code() == ErrorCode.MESSAGE_TOO_LARGE && state == State.AWAITING_HEADER;
        resetNow(header ? ErrorCode.HEADERS_TOO_LARGE : e.code(), e.getMessage());
    }

    @Override
    public void readComplete() {
        if (discarding || inbound == null) {
            // While it is being decided about there is nobody to read for.
            if (discarding || state != State.AWAITING_DECISION) {
                transport.read();
            }
        } else if (!passingOn) {
            // Later, when all packets that have come are QUIC's: one by one they would wake the reader for each.
            passingOn = true;
            transport.afterRead(this::passOn);
        }
    }

    private void passOn() {
        passingOn = false;
        Inbound to = inbound();
        if (discarding || to.hasRoom()) {
            transport.read();
        }
        if (decoder.isInFrame() && to.mayWait()) {
            readComplete.within(Deferred.MICROS, transport.eventLoop());
        } else {
            to.readComplete();
        }
        announce();
    }

    private void announce() {
        Runnable announcing = announcement;
        if (announcing != null) {
            announcement = null;
            channel.dispatcher().execute(announcing);
        }
    }

    @Override
    public void frame(byte[] payload) {
        switch (state) {
            case AWAITING_REPLY -> reply(payload);
            case AWAITING_HEADER -> header(payload);
            case AWAITING_DECISION -> early.add(payload);
            case OPEN -> inbound().message(payload);
            case ENDED -> {
                // Reset by this side a moment ago.
            }
        }
    }

    @Override
    public void end() {
        peerFinished = true;
        if (state == State.OPEN) {
            inbound().end();
        } else if (state != State.ENDED && state != State.AWAITING_DECISION) {
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
        failed(failure(code), "the other side reset the stream");
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
        ErrorCode code = failure(Protocol.errorCode(reset.getCode()));
        String message = reset.getMessage().isEmpty()
                ? reset.getStopSendingOnly()
                        ? "the other side has stopped receiving"
                        : "the other side reset the stream"
                : Protocol.reason(reset.getMessage());
        Inbound taker = inbound;
        boolean goesOn = taker == null || !taker.needsBothDirections();
        if (reset.getStopSendingOnly() && goesOn && (state == State.OPEN || state == State.AWAITING_REPLY)) {
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
            fail(cause, true);
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
        state = State.AWAITING_DECISION;
        decoder.maxPayload(maxFrameBytes);
        cancelDeadline();
        deadline("no decision about stream \"" + ClientId.escape(name) + "\"");
        try {
            checkHeader(header, config.maxHeaderBytes());
            channel.offered(this, header);
        } catch (ConecException e) {
            refuse(e);
        }
    }

    @Override
    public boolean isUndecided() {
        return state == State.AWAITING_DECISION;
    }

    /** Somebody takes the stream, which is undecided. On the event loop. */
    public void accept(Inbound taker) {
        accept(taker, null);
    }

    @Override
    public void accept(StreamHandler handler) {
        ApplicationStream application = forApplication();
        accept(application, () -> ConnectedChannel.handle(handler, application, this));
        channel.opened(application, true);
    }

    /** Its messages are requests from now on, up to this size as frames. On the event loop. */
    void accept(AnswerStream answers, int maxBytes) {
        decoder.maxPayload(maxBytes);
        accept(answers, null);
    }

    /** @param taken runs on the dispatcher when what came with the stream's header is the taker's */
    private void accept(Inbound taker, @Nullable Runnable taken) {
        if (state != State.AWAITING_DECISION) {
            throw new IllegalStateException(this + " is " + state);
        }
        cancelDeadline();
        inbound = taker;
        announcement = taken;
        state = State.OPEN;
        StreamReply accepted = StreamReply.getDefaultInstance();
        transport.write(Frames.of(transport.allocator(), accepted), () -> {}, () -> {});
        sending.start();
        try {
            early.forEach(taker::message);
        } catch (ConecException e) {
            misbehaved(e);
        }
        early.clear();
        if (peerFinished) {
            taker.end();
        }
        readComplete();
    }

    @Override
    public void refuse(ConecException reason) {
        if (state != State.AWAITING_DECISION) {
            return;
        }
        ErrorCode code = reason.code();
        String message = reason.getMessage();
        channel.refused(name, code, false);
        StreamReply refused = StreamReply.newBuilder()
                .setCode((int) code.code())
                .setMessage(Protocol.reason(message))
                .build();
        transport.finish(Frames.of(transport.allocator(), refused), () -> {}, () -> {});
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
            decoder.maxPayload(maxFrameBytes);
            ApplicationStream application = application();
            if (application != null) {
                channel.opened(application, false);
            }
            announcement = () -> opened.complete(null);
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
        fail(cause, false);
        ended(code);
    }

    private void fail(ConecException cause, boolean channelEnded) {
        boolean opening = state == State.AWAITING_REPLY;
        announce();
        // Before the rest, so that whoever hears of the failure finds the stream ended.
        state = State.ENDED;
        sending.fail(cause);
        Inbound taker = inbound;
        if (taker != null) {
            taker.fail(cause, channelEnded);
        }
        if (opening) {
            channel.dispatcher().execute(() -> opened.completeExceptionally(cause));
        }
    }

    private void ended(ErrorCode code) {
        state = State.ENDED;
        cancelDeadline();
        if (transportClosed) {
            channel.closed(this);
        }
        closing.close(code);
    }

    @Override
    public void received(int messages, long payloadBytes) {
        channel.traffic().received(messages, payloadBytes);
    }

    private Inbound inbound() {
        Inbound taker = inbound;
        if (taker == null) {
            throw new IllegalStateException(this + " is not open");
        }
        return taker;
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

    static StreamHeader header(String name, Map<String, String> headers) {
        StreamHeader.Builder header = StreamHeader.newBuilder().setName(name);
        headers.forEach((key, value) ->
                header.addHeaders(Header.newBuilder().setName(key).setValue(value)));
        return header.build();
    }

    static Map<String, String> headers(StreamHeader header) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (Header each : header.getHeadersList()) {
            headers.put(each.getName(), each.getValue());
        }
        return java.util.Collections.unmodifiableMap(headers);
    }

    /** A reset is never without an error, whatever it says: no error means that everything has arrived. */
    private static ErrorCode failure(ErrorCode code) {
        return code == ErrorCode.NO_ERROR ? ErrorCode.CANCELLED : code;
    }
}
