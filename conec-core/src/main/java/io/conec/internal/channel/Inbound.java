package io.conec.internal.channel;

import io.conec.ConecException;

/** Takes what arrives on a {@link DataStream}, in order. Called on the event loop. */
public interface Inbound {
    /**
     * A whole message, the receiver's to keep.
     *
     * @throws ConecException resets the stream with its code: the other side broke the rules
     */
    void message(byte[] payload);

    /** All that one read, or several, brought has been passed on. Does not come before the end and not before a failure. */
    default void readComplete() {}

    /** Whether {@link #readComplete} may come a moment later, with more messages: one has begun to arrive. */
    default boolean mayWait() {
        return false;
    }

    /** Whether more may be read; if not, {@link DataStream#read} is called when there is room again. */
    boolean hasRoom();

    /** Whether the stream is of no use when the other side only stops receiving. */
    default boolean needsBothDirections() {
        return false;
    }

    /** The other side has finished: nothing more comes. */
    void end();

    /** Nothing more comes, for this reason: the stream was reset by either side, or {@code channelEnded}. */
    void fail(ConecException cause, boolean channelEnded);
}
