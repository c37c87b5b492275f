package io.conec;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** What coordinators and clients have in common. All methods may be called from any thread, before the party is started too. */
public interface ConecParty extends AutoCloseable {
    /** This party's own name: a client's id, or the first host name in the coordinator's certificate, or the first address where it names no host. */
    String name();

    /** The channels that are open. A snapshot. */
    List<ConecChannel> channels();

    /** Handles all incoming streams of this name. */
    default Registration onStream(String name, StreamHandler handler) {
        return onStream(offer -> offer.name().equals(name), handler);
    }

    /**
     * Handles the incoming streams that the predicate picks. Of several registrations that pick a stream the earliest gets it; a stream that none picks
     * is refused with {@link ErrorCode#NO_HANDLER}. The predicate runs on a network thread, or on one that does its work: it must not block. A {@link ConecException} thrown by it
     * refuses the stream with its code and message.
     */
    Registration onStream(Predicate<StreamOffer> accepts, StreamHandler handler);

    /** Tells the listener what happens from now on, one event after the other, on the party's executor. A listener's exception is logged. */
    Registration onEvent(Consumer<ConecEvent> listener);

    /** {@link #join(String, GroupOptions)} with {@link GroupOptions#DEFAULTS}. */
    default CompletableFuture<ConecGroup> join(String group) {
        return join(group, GroupOptions.DEFAULTS);
    }

    /**
     * Joins a group. A party may join a group several times, to send here and to receive there; each is a membership of its own.
     *
     * @param group the group's name: not empty, at most 200 characters
     * @return completes exceptionally with a {@link ConecException}: {@link ErrorCode#NOT_CONNECTED} without a coordinator, {@link ErrorCode#NOT_ALLOWED} by its rules,
     *     {@link ErrorCode#GROUP_LIMIT}, {@link ErrorCode#STREAM_LIMIT}, {@link ErrorCode#UNSUPPORTED_VERSION} if the coordinator hosts no groups,
     *     {@link ErrorCode#TIMEOUT} after {@link TransportConfig#requestTimeout()}, or the code of the channel's end
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if that is no name for a group
     */
    CompletableFuture<ConecGroup> join(String group, GroupOptions options);

    /** This party's memberships that have not ended. A snapshot. */
    List<ConecGroup> groups();

    /** Whether it is started and not closed. */
    boolean isRunning();

    /**
     * Ends all channels with {@link ErrorCode#SHUTTING_DOWN}, frees the socket and waits for that; not for handlers that run. Does nothing when not running. It can be started
     * again.
     */
    @Override
    void close();
}
