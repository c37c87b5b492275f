package io.conec;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/**
 * A membership in a group: what one member sends, all others receive. The coordinator hosts groups: one comes to be when its first member joins, by name, and is gone when its
 * last member has left. Clients and the coordinator itself {@link ConecParty#join(String, GroupOptions) join}.
 *
 * <pre>{@code
 * try (ConecGroup chat = client.join("chat").join()) {
 *     chat.send("good morning");
 *     GroupMessage message = chat.receive().orElseThrow();
 *     System.out.println(message.sender() + ": " + message.message().text());
 * }
 * }</pre>
 *
 * <p><b>Order and loss.</b> Messages of one sender arrive in the order in which it sent them, and all members receive the messages of different senders in one order, that of
 * their arrival at the coordinator. A member receives what was sent after it joined. What it misses because it reads too slowly is up to its {@link SlowReceiver}, and what is
 * dropped is {@link #lostMessages() counted exactly}. The coordinator passes each message on and reads it: groups are not encrypted end to end.
 *
 * <p><b>Reconnecting.</b> When a client loses its link, its memberships wait: a {@code receive} goes on waiting, {@code send} fails with
 * {@link ErrorCode#NOT_CONNECTED}. The client joins again by itself as soon as it is registered again, and says so by {@link ConecEvent.GroupJoined}. What was sent to the group in the meantime is
 * missed, and cannot be counted. If it may not join again, the membership ends.
 *
 * <p><b>Threads.</b> All methods may be called from any thread; as with {@link ConecStream}, there is one way of reading at a time, and stages complete on the party's executor.
 */
public interface ConecGroup extends AutoCloseable {
    /** The group's name. */
    String name();

    /** How this party joined. */
    GroupOptions options();

    /** Whether the coordinator counts this party as a member right now: not while a client is without its link, and not after the end. */
    boolean isJoined();

    /**
     * Sends a message to all other members that receive, and to this party's own memberships of the group that ask for {@link GroupOptions#ownMessages() own messages}.
     *
     * <p>As with {@link ConecStream#send}, success means that the message has been taken by QUIC (by the group itself where the coordinator sends), not that anybody has read it, and
     * a call waits while the send buffer is full: members that {@link SlowReceiver.Block block} slow a sender down to their pace.
     *
     * @return completes exceptionally with a {@link ConecException} if the message will not be delivered: {@link ErrorCode#MESSAGE_TOO_LARGE} over this party's
     *     {@link TransportConfig#maxMessageBytes()} or the coordinator's (the membership stays), {@link ErrorCode#NOT_CONNECTED} while a client is without its link,
     *     {@link ErrorCode#STREAM_CLOSED} after {@link #close()}, {@link ErrorCode#CANCELLED} if the thread was interrupted while it waited, or the code of the
     *     membership's or channel's end
     * @throws IllegalStateException if this party joined without {@link GroupOptions#sends() sending}
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
     * Waits for the next message, for as long as it takes to reconnect too. Without {@link GroupOptions#receives() receiving} it waits for the membership's end.
     *
     * @return empty when this side has left
     * @throws ConecException with the code of the membership's end if the coordinator ended it; messages that arrived before are read first
     * @throws InterruptedException if this thread is interrupted; no message is lost by it
     */
    Optional<GroupMessage> receive() throws InterruptedException;

    /**
     * As {@link #receive()}, for at most this long.
     *
     * @throws ConecException also with {@link ErrorCode#TIMEOUT} when no message came in time; the membership stays
     */
    Optional<GroupMessage> receive(Duration timeout) throws InterruptedException;

    /** As {@link #receive()}, without waiting. Cancelling the future gives the place up; a message that arrives later goes to the next read. */
    CompletableFuture<Optional<GroupMessage>> receiveAsync();

    /**
     * The messages to come, for one subscriber, whose demand is what is read. Completes when this side leaves. Cancelling the subscription {@link #close() leaves}.
     */
    Flow.Publisher<GroupMessage> messages();

    /** How many messages for this member were dropped so far, at the coordinator or here, each counted once; {@link ConecMessage#lostBefore()} says where. */
    long lostMessages();

    /**
     * How many members the group has, this one among them: memberships, so that a party that has joined twice counts twice. What the coordinator last said; it says so 100 ms after
     * a change, in groups of more than a hundred members after a millisecond for each. The last known number while not joined.
     */
    int members();

    /** How many of the {@link #members()} send. */
    int senders();

    /** How many of the {@link #members()} receive. */
    int receivers();

    /**
     * Completes when the membership has ended: with {@link ErrorCode#NO_ERROR} after {@link #close()}, else with what the coordinator said, such as {@link ErrorCode#NOT_ALLOWED} or
     * {@link ErrorCode#NOT_READING}, or {@link ErrorCode#SHUTTING_DOWN} with its party. Never completes exceptionally.
     */
    CompletableFuture<CloseReason> closed();

    /** Leaves the group. Never blocks; messages that were sent before are still delivered, unread ones are dropped. Leaving again does nothing. */
    @Override
    void close();
}
