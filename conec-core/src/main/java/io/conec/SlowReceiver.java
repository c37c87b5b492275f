package io.conec;

import java.time.Duration;

/**
 * What a group does when a member does not keep up with the messages that it is sent. Each member chooses for itself.
 *
 * <p>Messages for a member wait at the coordinator, besides what QUIC has under way and what the member's own receive buffer holds. As many as the policy says may wait, and never more than
 * the coordinator's limit on their bytes, with which a policy is as if it named fewer messages. Members that do not block hold the senders up too, but only for
 * a moment, so that a burst costs them nothing: 100 ms at once and a twentieth of the time, all members of a group together.
 */
public sealed interface SlowReceiver {
    /** Messages that may wait unless said otherwise. */
    int DEFAULT_MESSAGES = 1_024;

    /** How long a member holds the senders up at most, unless said otherwise. */
    Duration DEFAULT_BLOCK = Duration.ofSeconds(10);

    /** How many messages may wait for the member, at least 1. */
    int maxMessages();

    /** {@link Block} with {@link #DEFAULT_MESSAGES} and {@link #DEFAULT_BLOCK}. */
    static SlowReceiver block() {
        return block(DEFAULT_MESSAGES, DEFAULT_BLOCK);
    }

    /** {@link Block}. */
    static SlowReceiver block(int maxMessages, Duration atMost) {
        return new Block(maxMessages, atMost);
    }

    /** {@link DropOldest}. */
    static SlowReceiver dropOldest(int maxMessages) {
        return new DropOldest(maxMessages);
    }

    /** {@link Disconnect}. */
    static SlowReceiver disconnect(int maxMessages) {
        return new Disconnect(maxMessages);
    }

    /**
     * The member loses nothing: the senders wait for it. If it takes no message for too long while they do, its membership ends with {@link ErrorCode#NOT_READING}.
     *
     * @param atMost how long the senders wait for a message to be taken; the coordinator may set a shorter limit
     */
    record Block(int maxMessages, Duration atMost) implements SlowReceiver {
        /** @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} */
        public Block {
            requirePositive(maxMessages);
            if (atMost.toMillis() < 1) {
                throw new ConecException(ErrorCode.INVALID_CONFIGURATION, "atMost has to be at least 1 ms");
            }
        }
    }

    /**
     * Nobody waits for the member: of what it has not read only the newest messages are kept, and it is told exactly how many it lost. The member itself keeps up to as many unread ones, and
     * {@link TransportConfig#receiveBufferBytes()} does not apply to it.
     */
    record DropOldest(int maxMessages) implements SlowReceiver {
        /** @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} */
        public DropOldest {
            requirePositive(maxMessages);
        }
    }

    /** Nobody waits for the member: if more messages wait for it, its membership ends with {@link ErrorCode#NOT_READING}. */
    record Disconnect(int maxMessages) implements SlowReceiver {
        /** @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} */
        public Disconnect {
            requirePositive(maxMessages);
        }
    }

    private static void requirePositive(int maxMessages) {
        if (maxMessages < 1) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION, "maxMessages has to be at least 1, it is " + maxMessages);
        }
    }
}
