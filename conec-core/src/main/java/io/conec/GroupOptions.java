package io.conec;

/**
 * How a party joins a group. Immutable; start from {@link #DEFAULTS} and change what differs.
 *
 * @param sends whether it may send; default true. Counts it among the group's senders, and takes the coordinator's permission to send
 * @param receives whether it receives; default true
 * @param ownMessages whether it also receives what its own party sends, by this or another membership of the same group; default false
 * @param slowReceiver what happens when it does not keep up; default {@link SlowReceiver#block()}
 */
public record GroupOptions(boolean sends, boolean receives, boolean ownMessages, SlowReceiver slowReceiver) {
    /** Sends and receives, without own messages; {@link SlowReceiver#block() blocks}. */
    public static final GroupOptions DEFAULTS = new GroupOptions(true, true, false, SlowReceiver.block());

    /** @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if it neither sends nor receives */
    public GroupOptions {
        if (!sends && !receives) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION, "a member of a group has to send or to receive, or both");
        }
    }

    /** Only sends. */
    public static GroupOptions sendOnly() {
        return new GroupOptions(true, false, false, SlowReceiver.block());
    }

    /** Only receives. */
    public static GroupOptions receiveOnly() {
        return new GroupOptions(false, true, false, SlowReceiver.block());
    }

    /** With another choice of {@link #ownMessages}. */
    public GroupOptions withOwnMessages(boolean value) {
        return new GroupOptions(sends, receives, value, slowReceiver);
    }

    /** With another {@link #slowReceiver}. */
    public GroupOptions withSlowReceiver(SlowReceiver value) {
        return new GroupOptions(sends, receives, ownMessages, value);
    }
}
