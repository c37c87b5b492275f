package io.conec.internal.channel;

import com.google.protobuf.UnknownFieldSet;
import io.conec.ChannelPath;
import io.conec.ChannelStatistics;
import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.StreamHandler;
import io.conec.StreamOffer;
import io.conec.TransportConfig;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.Ping;
import io.conec.internal.protocol.Pong;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.StreamHeader;
import io.conec.internal.protocol.StreamReset;
import io.conec.internal.transport.Connection;
import io.conec.internal.transport.LoopBorrower;
import io.conec.internal.transport.TransportStream;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A channel over one QUIC connection: its control stream, its data streams, keep-alive. What differs between coordinator link and peer connection is the {@link Role}'s:
 * the hellos, and what is said on the control stream besides.
 *
 * <p>Owned by the event loop; the methods of {@link ConecChannel} are for any thread. No data stream is read before {@link #open}.
 */
public final class ConnectedChannel implements ConecChannel, Connection.Listener, ControlStream.Handler {
    /** What one end of one kind of connection does. Called on the event loop. */
    public interface Role {
        /** The handshake is complete, the control stream is there: the dialling side says hello. Not called on the accepting side. */
        void established(ConnectedChannel channel);

        /** A control message that is not the channel's own arrived. A {@link ConecException} ends the channel with its code. */
        void control(ConnectedChannel channel, Control message);

        /**
         * The other side wants to open a stream, which is to be accepted or refused, now or soon; a {@link ConecException} refuses it. By default the application's handlers decide.
         */
        default void offered(ConnectedChannel channel, DataStream stream, StreamHeader header) {
            if (header.getServiceCase() != StreamHeader.ServiceCase.SERVICE_NOT_SET) {
                throw new ConecException(ErrorCode.NO_HANDLER, "that is for coordinators");
            }
            channel.offer(stream);
        }

        /** As {@link #offered}, for a request on a stream that requests share. By default the application's handlers decide. */
        default void requested(ConnectedChannel channel, Incoming request) {
            channel.offer(request);
        }

        /** A keep-alive is on its way. What else is to be sent now and then costs the other side least if it comes with it. Not called on the accepting side. */
        default void keptAlive(ConnectedChannel channel) {}

        /** The other side has closed the channel, which ends in a moment; no more control messages come. */
        default void closing(ConnectedChannel channel) {}

        /** The channel has ended, or was never opened. The last call. */
        void closed(ConnectedChannel channel, CloseReason reason);
    }

    private static final Logger log = LoggerFactory.getLogger(ConnectedChannel.class);
    private static final AtomicLong lastId = new AtomicLong();

    private final String id = Long.toString(lastId.incrementAndGet());
    private final Connection connection;
    private final Kind kind;
    private final Dispatcher dispatcher;
    private final TransportConfig config;
    private final Role role;
    private final Traffic traffic = new Traffic();
    private final Map<Long, DataStream> streams = new ConcurrentHashMap<>();
    private final AtomicLong streamsOpened = new AtomicLong();
    private final RequestStreams requests = new RequestStreams(this);
    private final CompletableFuture<CloseReason> closed = new CompletableFuture<>();
    private final List<TransportStream> early = new ArrayList<>();
    private final Map<Long, StreamReset> earlyResets = new LinkedHashMap<>();
    private final ScheduledFuture<?> handshakeDeadline;
    private volatile String peer = "";
    private final long begunNanos = System.nanoTime();
    private volatile Instant openedAt = Instant.now();
    private volatile Duration handshake = Duration.ZERO;
    private volatile Duration roundTrip = Duration.ZERO;
    private volatile @Nullable ChannelPath path;
    private @Nullable ControlStream control;
    private @Nullable ScheduledFuture<?> keepAlive;
    private @Nullable ScheduledFuture<?> signOfLifeDeadline;
    private volatile boolean open;
    private volatile boolean closes;
    private int openRequests;
    private long lastRequestId;

    /** Becomes a channel when the role calls {@link #open}; if that takes longer than the handshake timeout, the connection is closed. */
    public ConnectedChannel(
            Connection connection, Kind kind, Dispatcher dispatcher, TransportConfig config, Role role) {
        this.connection = connection;
        this.kind = kind;
        this.dispatcher = dispatcher;
        this.config = config;
        this.role = role;
        long millis = config.handshakeTimeout().toMillis();
        handshakeDeadline = connection
                .eventLoop()
                .schedule(
                        () -> connection.close(ErrorCode.TIMEOUT, "the handshake took longer than " + millis + " ms"),
                        millis,
                        TimeUnit.MILLISECONDS);
    }

    /** The connection under the channel. */
    public Connection connection() {
        return connection;
    }

    /** The application's streams that the other side has opened, and its requests. */
    public List<Incoming> openedByPeer() {
        Stream<Incoming> opened = streams.values().stream()
                .filter(stream -> stream.isOpen() && stream.application() != null && isPeers(stream.id()))
                .map(Incoming.class::cast);
        return Stream.concat(opened, requestsOfPeer()).toList();
    }

    private Stream<AnsweredRequest> requestsOfPeer() {
        return streams.values().stream()
                .map(DataStream::requests)
                .filter(Objects::nonNull)
                .flatMap(answers -> answers.requests().stream())
                .filter(request -> request.openApplication() != null);
    }

    /** The other side is who it says it is: the channel is open. */
    public void open(String peerName, ChannelPath firstPath) {
        handshakeDeadline.cancel(false);
        peer = peerName;
        path = firstPath;
        openedAt = Instant.now();
        handshake = Duration.ofNanos(System.nanoTime() - begunNanos);
        open = true;
        dispatcher.publish(new ConecEvent.ChannelOpened(this));
        measureRoundTrip();
        if (connection.isDialled()) {
            long millis = config.keepAliveInterval().toMillis();
            keepAlive =
                    connection.eventLoop().scheduleAtFixedRate(this::keepAlive, millis, millis, TimeUnit.MILLISECONDS);
        }
        early.forEach(this::acceptStream);
        early.clear();
    }

    /** The packets take another path from now on. Does nothing before {@link #open}. */
    public void moveTo(ChannelPath newPath) {
        ChannelPath before = path;
        path = newPath;
        if (open && before != null) {
            dispatcher.publish(new ConecEvent.PathChanged(this, before.withRoundTrip(roundTrip), newPath));
        }
    }

    /** Whether {@link #open} was called. */
    public boolean isOpen() {
        return open;
    }

    /** Whether it is open, and nobody has begun to close it. Any thread. */
    public boolean isUsable() {
        return open && !closes;
    }

    /** Sends a control message; does nothing before the handshake is complete. */
    public void send(Control message) {
        if (control != null) {
            control.send(message);
        }
    }

    /** Asks the other side for a sign of life, and closes the channel as lost if none comes in this time. */
    public void requireSignOfLife(Duration within) {
        if (signOfLifeDeadline != null) {
            return;
        }
        ping();
        signOfLifeDeadline = connection
                .eventLoop()
                .schedule(
                        () -> connection.close(
                                ErrorCode.CONNECTION_LOST, "no sign of life in " + within.toMillis() + " ms"),
                        within.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    // The application's side.

    @Override
    public String id() {
        return id;
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public String peer() {
        return peer;
    }

    @Override
    public ChannelPath path() {
        ChannelPath now = path;
        if (now == null) {
            throw new IllegalStateException("not open yet");
        }
        return now.withRoundTrip(roundTrip);
    }

    @Override
    public Instant openedAt() {
        return openedAt;
    }

    @Override
    public Duration handshake() {
        return handshake;
    }

    @Override
    public ChannelStatistics statistics() {
        return new ChannelStatistics(
                roundTrip,
                streams().size(),
                streamsOpened.get(),
                traffic.messagesSent(),
                traffic.messagesReceived(),
                traffic.bytesSent(),
                traffic.bytesReceived());
    }

    @Override
    public CompletableFuture<ConecStream> openStream(String name, Map<String, String> headers) {
        return openStream(name, headers, null);
    }

    @Override
    public CompletableFuture<ConecStream> openStreamWith(
            String name, Map<String, String> headers, ConecMessage message) {
        if (message.size() > config.maxMessageBytes()) {
            return CompletableFuture.failedFuture(SendQueue.tooLarge(message.size(), config.maxMessageBytes()));
        }
        return openStream(name, headers, message);
    }

    @Override
    public CompletableFuture<Optional<ConecMessage>> request(
            String name, Map<String, String> headers, ConecMessage message) {
        if (message.size() > AnswerStream.MAX_REQUEST_BYTES) {
            return requestAlone(name, headers, message);
        }
        if (message.size() > config.maxMessageBytes()) {
            return CompletableFuture.failedFuture(SendQueue.tooLarge(message.size(), config.maxMessageBytes()));
        }
        StreamHeader header = DataStream.header(name, headers);
        try {
            DataStream.checkHeader(header, config.maxHeaderBytes());
        } catch (ConecException e) {
            return CompletableFuture.failedFuture(e);
        }
        return closed.isDone()
                ? CompletableFuture.failedFuture(closed.join().toException())
                : requests.ask(header, message);
    }

    /** A request on a stream of its own. */
    private CompletableFuture<Optional<ConecMessage>> requestAlone(
            String name, Map<String, String> headers, ConecMessage message) {
        CompletableFuture<Optional<ConecMessage>> result = new CompletableFuture<>();
        openStreamWith(name, headers, message).whenComplete((stream, refusal) -> {
            if (refusal != null) {
                result.completeExceptionally(refusal);
                return;
            }
            CompletableFuture<Optional<ConecMessage>> received = stream.receiveAsync();
            result.whenComplete((answer, failure) -> {
                if (!received.isDone()) {
                    stream.reset(ErrorCode.CANCELLED, "nobody waits for the answer any more");
                }
            });
            received.whenComplete((answer, failure) -> {
                if (failure != null) {
                    result.completeExceptionally(failure);
                } else {
                    result.complete(answer);
                    // The end follows as a rule: to stop reading before it would cost a message of its own.
                    stream.receiveAsync().whenComplete((more, ended) -> stream.close());
                }
            });
        });
        return result;
    }

    private CompletableFuture<ConecStream> openStream(
            String name, Map<String, String> headers, @Nullable ConecMessage only) {
        StreamHeader header = DataStream.header(name, headers);
        try {
            DataStream.checkHeader(header, config.maxHeaderBytes());
        } catch (ConecException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<ConecStream> result = new CompletableFuture<>();
        if (closed.isDone()) {
            return CompletableFuture.failedFuture(closed.join().toException());
        }
        boolean running = connection.execute(() -> openStream(
                header,
                config.maxMessageBytes(),
                only,
                DataStream::forApplication,
                stream -> stream.opened().whenComplete((opened, failure) -> {
                    if (failure != null) {
                        result.completeExceptionally(failure);
                    } else if (!result.complete(stream.application())) {
                        // Nobody waits for it any more.
                        stream.reset(ErrorCode.CANCELLED, "");
                    }
                }),
                failure -> dispatcher.execute(() -> result.completeExceptionally(failure))));
        return running
                ? result
                : CompletableFuture.failedFuture(
                        new ConecException(ErrorCode.CHANNEL_CLOSED, "this side has been shut down"));
    }

    /**
     * Opens a stream whose messages are somebody's. On the event loop.
     *
     * @param opening gets the stream when its header is on the way; {@link DataStream#opened} tells the rest
     * @param failed gets the exception if there can be no stream: {@link ErrorCode#STREAM_LIMIT} or the reason of the channel's end
     */
    public void openStream(
            StreamHeader header,
            int maxFrameBytes,
            Function<DataStream, Inbound> inbound,
            Consumer<DataStream> opening,
            Consumer<ConecException> failed) {
        openStream(header, maxFrameBytes, null, inbound, opening, failed);
    }

    /** @param only this side's only message, if it goes right behind the header */
    private void openStream(
            StreamHeader header,
            int maxFrameBytes,
            @Nullable ConecMessage only,
            Function<DataStream, Inbound> inbound,
            Consumer<DataStream> opening,
            Consumer<ConecException> failed) {
        connection.openStream(
                transport -> {
                    DataStream stream = DataStream.open(this, transport, header, maxFrameBytes, only, inbound);
                    streams.put(stream.id(), stream);
                    opening.accept(stream);
                },
                failed);
    }

    @Override
    public List<ConecStream> streams() {
        Stream<@Nullable ApplicationStream> own =
                streams.values().stream().filter(DataStream::isOpen).map(DataStream::application);
        return Stream.concat(own, requestsOfPeer().map(AnsweredRequest::openApplication))
                .filter(Objects::nonNull)
                .map(ConecStream.class::cast)
                .toList();
    }

    @Override
    public CompletableFuture<CloseReason> closed() {
        return closed.copy();
    }

    @Override
    public void close(ErrorCode code, String message) {
        closes = true;
        connection.execute(() -> connection.close(code, message));
    }

    @Override
    public String toString() {
        return "channel " + id + " to " + (peer.isEmpty() ? "unknown" : ClientId.escape(peer));
    }

    // The connection's side, on the event loop.

    @Override
    public void established() {
        if (connection.isDialled()) {
            connection.openStream(
                    stream -> {
                        useControl(stream);
                        role.established(this);
                    },
                    failure -> connection.close(failure.code(), failure.getMessage()));
        }
    }

    @Override
    public void streamOpened(TransportStream stream) {
        if (stream.id() == 0 && !connection.isDialled()) {
            useControl(stream);
        } else if (open) {
            acceptStream(stream);
        } else {
            early.add(stream);
        }
    }

    @Override
    public void closing() {
        closes = true;
        role.closing(this);
    }

    @Override
    public void closed(CloseReason reason) {
        closes = true;
        handshakeDeadline.cancel(false);
        alive();
        if (keepAlive != null) {
            keepAlive.cancel(false);
        }
        ConecException cause = reason.toException();
        for (DataStream stream : List.copyOf(streams.values())) {
            stream.channelEnded(cause);
        }
        streams.clear();
        role.closed(this, reason);
        if (open) {
            dispatcher.publish(new ConecEvent.ChannelClosed(this, reason));
        }
        dispatcher.execute(() -> closed.complete(reason));
    }

    @Override
    public void control(Control message) {
        alive();
        switch (message.getKindCase()) {
            case PING -> {
                send(Control.newBuilder().setPong(Pong.getDefaultInstance()).build());
                // Here, as a timer of its own would wake a coordinator once more for each client.
                measureRoundTrip();
            }
            case PONG, KIND_NOT_SET -> {
                // The answer to a keep-alive, or a kind of a later version.
            }
            case STREAM_RESET -> {
                DataStream stream = streams.get(message.getStreamReset().getStream());
                if (stream != null) {
                    stream.resetByPeer(message.getStreamReset());
                } else {
                    resetEarly(message.getStreamReset());
                }
            }
            default -> role.control(this, message);
        }
    }

    @Override
    public void controlFailed(ErrorCode code, String message) {
        if (open) {
            log.warn("{}: closing it, {}: {}", this, code, message);
        }
        connection.close(code, message);
    }

    // For this channel's streams, on the event loop unless said otherwise.

    TransportConfig config() {
        return config;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    Traffic traffic() {
        return traffic;
    }

    /** For a stream's reader. Any thread. */
    LoopBorrower borrower() {
        return connection.borrower();
    }

    /** Any thread. */
    void execute(Runnable task) {
        connection.execute(task);
    }

    void sendReset(StreamReset reset) {
        send(Control.newBuilder().setStreamReset(reset).build());
    }

    /** The other side wants to open a stream; a {@link ConecException} refuses it. */
    void offered(DataStream stream, StreamHeader header) {
        if (header.hasCarryRequests()) {
            stream.accept(new AnswerStream(this, stream, header.getCarryRequests()), AnswerStream.MAX_FRAME_BYTES);
        } else {
            role.offered(this, stream, header);
        }
    }

    /** The other side wants a request answered. */
    void requested(AnsweredRequest request) {
        try {
            role.requested(this, request);
        } catch (ConecException e) {
            request.refuse(e);
        }
        if (request.isUndecided()) {
            long millis = config.requestTimeout().toMillis();
            request.deadline(connection
                    .eventLoop()
                    .schedule(
                            () -> request.refuse(
                                    new ConecException(ErrorCode.TIMEOUT, "no decision in " + millis + " ms")),
                            millis,
                            TimeUnit.MILLISECONDS));
        }
    }

    /** One more request of the other side's. */
    void requestBegins() {
        if (openRequests >= config.maxStreams()) {
            throw new ConecException(
                    ErrorCode.STREAM_LIMIT, "more than " + config.maxStreams() + " requests at the same time");
        }
        openRequests++;
    }

    void requestEnded() {
        openRequests--;
    }

    /** Unlike those of QUIC's streams. */
    long nextRequestId() {
        return --lastRequestId;
    }

    /** Finds the handler and gives it the stream or request; a {@link ConecException} refuses it. On the event loop. */
    public void offer(Incoming stream) {
        Optional<StreamHandler> handler;
        try {
            handler = dispatcher.handlerFor(new StreamOffer(this, stream.name(), stream.headers()));
        } catch (RuntimeException | Error e) {
            if (e instanceof ConecException refusal && refusal.code() != ErrorCode.NO_ERROR) {
                throw refusal;
            }
            log.error("A predicate failed on {}", stream, e);
            throw new ConecException(ErrorCode.HANDLER_FAILED, "the handler failed", e);
        }
        if (handler.isEmpty()) {
            throw new ConecException(
                    ErrorCode.NO_HANDLER, "nothing handles streams named \"" + ClientId.escape(stream.name()) + "\"");
        }
        stream.accept(handler.get());
    }

    void opened(ApplicationStream application, boolean byPeer) {
        streamsOpened.incrementAndGet();
        dispatcher.publish(new ConecEvent.StreamOpened(application, byPeer));
    }

    void refused(String name, ErrorCode code, boolean byPeer) {
        dispatcher.publish(new ConecEvent.StreamRefused(this, name, code, byPeer));
    }

    void closed(DataStream stream) {
        streams.remove(stream.id(), stream);
    }

    /** The other side broke the rules on this stream. */
    void misbehaved(DataStream stream, ConecException e) {
        log.warn("{}: resetting stream {}, {}: {}", this, stream.id(), e.code(), e.getMessage());
    }

    /** Whether the other side opens the streams with such an id (RFC 9000, section 2.1). */
    private boolean isPeers(long streamId) {
        boolean openedByDialler = (streamId & 1) == 0;
        return openedByDialler != connection.isDialled();
    }

    private void acceptStream(TransportStream transport) {
        DataStream stream = DataStream.accept(this, transport);
        streams.put(stream.id(), stream);
        StreamReset reset = earlyResets.remove(stream.id());
        if (reset != null) {
            stream.resetByPeer(reset);
        } else {
            stream.readComplete();
        }
    }

    /** A reset may overtake the stream it is for, as streams do not wait for each other. Or that has ended here already: then nothing will ask for it. */
    private void resetEarly(StreamReset reset) {
        if (isPeers(reset.getStream())) {
            // Not as it came: with its message as long as a control frame, as many as there may be streams would fill
            // the heap.
            earlyResets.put(
                    reset.getStream(),
                    reset.toBuilder()
                            .setUnknownFields(UnknownFieldSet.getDefaultInstance())
                            .setMessage(Protocol.reason(reset.getMessage()))
                            .build());
            if (earlyResets.size() > config.maxStreams()) {
                earlyResets.remove(earlyResets.keySet().iterator().next());
            }
        }
    }

    static void handle(StreamHandler handler, ApplicationStream application, Incoming stream) {
        try {
            handler.handle(application);
        } catch (ConecException e) {
            log.debug("The handler of {} gave up", stream, e);
            stream.reset(e.code() == ErrorCode.NO_ERROR ? ErrorCode.HANDLER_FAILED : e.code(), "");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stream.reset(ErrorCode.SHUTTING_DOWN, "");
        } catch (Exception e) {
            log.error("The handler of {} failed", stream, e);
            stream.reset(ErrorCode.HANDLER_FAILED, "the handler failed");
        } catch (Error e) {
            stream.reset(ErrorCode.HANDLER_FAILED, "the handler failed");
            throw e;
        }
    }

    private void useControl(TransportStream stream) {
        control = new ControlStream(stream, this);
        control.open();
    }

    private void alive() {
        if (signOfLifeDeadline != null) {
            signOfLifeDeadline.cancel(false);
            signOfLifeDeadline = null;
        }
    }

    private void keepAlive() {
        measureRoundTrip();
        ping();
        role.keptAlive(this);
    }

    private void measureRoundTrip() {
        connection.roundTrip(sample -> roundTrip = sample);
    }

    private void ping() {
        send(Control.newBuilder().setPing(Ping.getDefaultInstance()).build());
    }
}
