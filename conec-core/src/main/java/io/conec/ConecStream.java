package io.conec;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * An ordered, bidirectional sequence of whole messages inside a channel.
 *
 * <p>Either side of a channel opens streams with {@link ConecChannel#openStream(String, Map)}; the other side's {@link StreamHandler} gets its end.
 * Each direction ends by itself: {@link #finish()} ends the sending direction after all that was sent, the other side then reads the
 * end. The stream is closed when both directions have ended, when one side {@link #reset(ErrorCode) resets} it, or with its channel.
 *
 * <pre>{@code
 * try (ConecStream stream = channel.openStream("echo").join()) {
 *     stream.send(ConecMessage.of("hello")).join();
 *     ConecMessage answer = stream.receive().orElseThrow();
 * }
 * }</pre>
 *
 * <p><b>Back-pressure.</b> A stream that nobody reads stops its sender: this side holds at most {@link TransportConfig#receiveBufferBytes()} plus
 * one message, or plus 64 KiB of smaller ones, on the heap, and QUIC's flow control (RFC 9000, section 4) holds the rest at the sender, whose {@link #send} stages then stay
 * incomplete. The sender holds at most {@link TransportConfig#sendBufferBytes()}; further calls of {@code send} wait for room.
 *
 * <p><b>Threads.</b> All methods may be called from any thread. Messages are sent in the order in which {@code send} was called; concurrent calls
 * are ordered somehow, messages never interleave. There is one way of reading at a time: while a {@code receive} waits, or after
 * {@link #messages()} was subscribed to, another read throws {@link IllegalStateException}. Stages complete on the party's executor,
 * or on a thread that comes to wait for one of {@link #send}, never on a network thread, so their continuations may block; but the stages of messages that QUIC took together complete one after the other, so a
 * continuation that waits for another send of the same stream may wait for ever.
 */
public interface ConecStream extends AutoCloseable {
    /** The channel that carries this stream. */
    ConecChannel channel();

    /**
     * Unique in the channel: QUIC's stream id, even for streams opened by the channel's dialling side (RFC 9000, section 2.1); negative for a {@link ConecChannel#request request} of the other side that shares a stream with others.
     */
    long id();

    /** The name that it was opened with. */
    String name();

    /** The headers that it was opened with; unmodifiable. */
    Map<String, String> headers();

    /**
     * Sends a message.
     *
     * <p>The stage's success means exactly this: the whole message, behind all earlier ones of this stream, has been taken by QUIC, which
     * retransmits it until the other side's QUIC has it, unless the stream is reset or the channel ends before that. It does not mean that the other
     * application has read it; where that matters, let it answer. A stage behind whose message more waits for QUIC completes up to 500 microseconds
     * later, with others, and one that nobody waits for at that time up to 8 milliseconds later. Whoever joins, gets or asks it in between, or hangs something on it, does not wait for that. Only
     * {@link CompletableFuture#allOf} and {@link CompletableFuture#anyOf}, and {@code state} and {@code resultNow} since Java 19, do; when the former are found to wait, later stages of the stream complete within 500 microseconds again.
     *
     * <p>Returns at once while {@link TransportConfig#sendBufferBytes()} have room (or nothing is queued), else waits until at least half of them are free: a sender that ignores the
     * stages is slowed down to its receiver's pace, never cut off. A caller that must not wait keeps few enough stages incomplete. No queued message is
     * dropped unless its stage fails, and none whose stage failed is delivered.
     *
     * @return completes exceptionally with a {@link ConecException} if the message will not be delivered: {@link ErrorCode#MESSAGE_TOO_LARGE} over
     *     {@link TransportConfig#maxMessageBytes()} (the stream stays usable), {@link ErrorCode#STREAM_CLOSED} after {@link #finish()},
     *     {@link ErrorCode#CANCELLED} if the thread was interrupted while it waited (it stays interrupted, the stream stays usable), the code of a reset by either side, or that of the channel's end
     */
    CompletableFuture<Void> send(ConecMessage message);

    /** {@link #send(ConecMessage)} of these bytes, which must not change until the stage completes. */
    default CompletableFuture<Void> send(byte[] bytes) {
        return send(ConecMessage.of(bytes));
    }

    /** {@link #send(ConecMessage)} of this text in UTF-8. */
    default CompletableFuture<Void> send(String text) {
        return send(ConecMessage.of(text));
    }

    /**
     * Ends the sending direction behind everything sent so far; the other side's reads go on until they meet the end. Receiving stays open. Calling it
     * again gives the same stage.
     *
     * @return completes when QUIC has taken the end, exceptionally as {@link #send} does
     */
    CompletableFuture<Void> finish();

    /**
     * Waits for the next message. One behind which another has begun to arrive may be handed over up to 500 microseconds late, with what comes until then: a thread that sleeps wakes once.
     *
     * <p>A thread that waits for one message after the other, and answers each within 200 microseconds, may do a client's network thread's work while it waits, which saves waking one another (on Linux; no virtual thread does).
     * It then notices an interrupt a few milliseconds late.
     *
     * @return empty when the other side has finished and everything was read
     * @throws ConecException with the code of the reset or of the channel's end; messages that arrived before a channel ended are read first
     * @throws InterruptedException if this thread is interrupted; no message is lost by it
     */
    Optional<ConecMessage> receive() throws InterruptedException;

    /**
     * As {@link #receive()}, for at most this long.
     *
     * @throws ConecException also with {@link ErrorCode#TIMEOUT} when no message came in time; the stream stays usable
     */
    Optional<ConecMessage> receive(Duration timeout) throws InterruptedException;

    /**
     * As {@link #receive()}, without waiting. Cancelling the future gives the place up; a message that arrives later goes to the next read.
     */
    CompletableFuture<Optional<ConecMessage>> receiveAsync();

    /**
     * The messages to come, for one subscriber, whose demand is what is read. Completes at the end of the other side's sending direction; signals the
     * {@link ConecException} that {@link #receive()} would throw. Cancelling the subscription {@link #stopReceiving stops receiving} with
     * {@link ErrorCode#CANCELLED}. A second subscriber, or one while another read waits, is told {@link IllegalStateException}.
     */
    Flow.Publisher<ConecMessage> messages();

    /**
     * From now on keeps only the newest messages when this side reads too slowly: the sender is never stopped, the oldest unread message is dropped when
     * another arrives beyond the capacity, and the next one read says exactly {@link ConecMessage#lostBefore() how many} were.
     *
     * @param capacity how many unread messages to keep, at least 1; {@link TransportConfig#receiveBufferBytes()} does not apply, so up to this many
     *     times the largest message is held
     * @throws IllegalArgumentException if the capacity is less than 1
     */
    void dropOldest(int capacity);

    /** How many messages of this stream were dropped so far; 0 without {@link #dropOldest(int)}. */
    long lostMessages();

    /**
     * Gives up reading: unread messages are dropped, this side's reads and the other side's sends fail with this code. Sending stays open. Does nothing to the other side if it
     * has finished.
     *
     * @throws IllegalArgumentException for {@link ErrorCode#NO_ERROR}
     */
    void stopReceiving(ErrorCode code);

    /** {@link #reset(ErrorCode, String)} without a message. */
    default void reset(ErrorCode code) {
        reset(code, "");
    }

    /**
     * Ends both directions at once. What is under way may be lost; both sides' pending operations fail with this code and message. Does nothing on a
     * closed stream.
     *
     * @param code not {@link ErrorCode#NO_ERROR}
     * @param message a sentence for the other side, at most 200 characters are sent; empty when there is nothing to add to the code
     * @throws IllegalArgumentException for {@link ErrorCode#NO_ERROR}
     */
    void reset(ErrorCode code, String message);

    /** Completes when the stream is closed: with {@link ErrorCode#NO_ERROR} when both directions were finished, else with the code. Never completes exceptionally. */
    CompletableFuture<ErrorCode> closed();

    /**
     * Finishes sending, and stops receiving unless the end has been read: what a reader that has all it wants does. Never blocks. Messages that were
     * sent before are still delivered.
     */
    @Override
    void close();
}
