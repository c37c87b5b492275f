package io.conec;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What connects two parties: a mutually authenticated, encrypted connection that carries any number of {@link ConecStream streams}. There is at
 * most one channel between two parties at a time.
 *
 * <p>A channel between clients is encrypted between the two: the coordinator that relays its packets holds no key for them.
 *
 * <p>All methods may be called from any thread.
 */
public interface ConecChannel extends AutoCloseable {
    /** Who the other side is. */
    enum Kind {
        /** A client and its coordinator. */
        COORDINATOR,
        /** Two clients. */
        PEER
    }

    /** Unique within this process; for logs and the endpoint, of no meaning to the other side. */
    String id();

    Kind kind();

    /** The other side's proven name: a client id, or for a client's channel to its coordinator the coordinator's host name. */
    String peer();

    /** How the packets travel right now. */
    ChannelPath path();

    /** When the channel opened. */
    Instant openedAt();

    /** How long it took to open: the QUIC handshake with its TLS handshake, and the exchange of hellos. */
    Duration handshake();

    /** Counts since the channel opened, and the round trip time. */
    ChannelStatistics statistics();

    /** {@link #openStream(String, Map)} without headers. */
    default CompletableFuture<ConecStream> openStream(String name) {
        return openStream(name, Map.of());
    }

    /**
     * Opens a stream; completes once the other side has accepted it.
     *
     * @param name not empty
     * @param headers a few short strings for the other side's handler; with the name at most {@link TransportConfig#maxHeaderBytes()}
     * @return completes exceptionally with a {@link ConecException}: {@link ErrorCode#NO_HANDLER} or whatever the other side refuses with,
     *     {@link ErrorCode#STREAM_LIMIT}, {@link ErrorCode#HEADERS_TOO_LARGE}, {@link ErrorCode#PROTOCOL_VIOLATION} for an empty name,
     *     {@link ErrorCode#TIMEOUT} after {@link TransportConfig#requestTimeout()}, or the code of the channel's end
     */
    CompletableFuture<ConecStream> openStream(String name, Map<String, String> headers);

    /**
     * Opens a stream for one message of this side, which is sent right behind the header instead of a round trip later, and the end of this side's messages: for requests. Completes once the other side
     * has accepted the stream; its messages are read as of any stream.
     *
     * @param message the only one: the stream's {@code send} fails with {@link ErrorCode#STREAM_CLOSED}
     * @return completes exceptionally as {@link #openStream(String, Map)}, when no handler of the other side has seen the message unless the channel has ended or the time is up, and with {@link ErrorCode#MESSAGE_TOO_LARGE}
     */
    CompletableFuture<ConecStream> openStreamWith(String name, Map<String, String> headers, ConecMessage message);

    /**
     * Asks one of the other side's handlers, and waits for its answer: the first message that it sends on the stream that it gets, which has this message and no other.
     *
     * <p>Requests with messages of up to 16 KiB share streams, which is many times as fast as {@link #openStreamWith a stream for each}. When there are more than four at a time, one that was lost on the way holds up others for a round trip. Those with
     * longer messages have streams of their own, and the other side's handler cannot tell.
     *
     * <p>There is no limit of time: cancel the future, or complete it in another way, and the other side is told that nobody waits. Never waits itself.
     *
     * @param name not empty
     * @param headers as of {@link #openStream(String, Map)}
     * @return empty if the handler finishes without a message; completes exceptionally with a {@link ConecException}: {@link ErrorCode#NO_HANDLER} or whatever the other side refuses or resets the stream with, {@link ErrorCode#STREAM_LIMIT} if
     *     as many requests as the other side's {@link TransportConfig#maxStreams()} are under way, or {@link TransportConfig#sendBufferBytes()} of them have not been sent yet, {@link ErrorCode#MESSAGE_TOO_LARGE} over {@link TransportConfig#maxMessageBytes()} of either side,
     *     {@link ErrorCode#HEADERS_TOO_LARGE}, {@link ErrorCode#PROTOCOL_VIOLATION} for an empty name, or the code of the channel's end
     */
    CompletableFuture<Optional<ConecMessage>> request(String name, Map<String, String> headers, ConecMessage message);

    /** The streams that are open, the control stream not among them. A snapshot. */
    List<ConecStream> streams();

    /** Completes when the channel has ended. Never completes exceptionally. */
    CompletableFuture<CloseReason> closed();

    /**
     * Ends the channel at once and tells the other side why. Streams that are not closed fail with this code on both sides ({@link ErrorCode#CHANNEL_CLOSED}
     * for {@link ErrorCode#NO_ERROR}), and what QUIC has not delivered is lost: to be sure, finish the streams and read the other side's end first.
     *
     * @param message for the other side's log, at most 200 characters are sent
     */
    void close(ErrorCode code, String message);

    /** {@link #close(ErrorCode, String)} with {@link ErrorCode#NO_ERROR}. */
    @Override
    default void close() {
        close(ErrorCode.NO_ERROR, "");
    }
}
