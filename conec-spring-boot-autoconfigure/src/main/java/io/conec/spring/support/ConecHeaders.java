package io.conec.spring.support;

/**
 * Headers of the messages that listener methods handle, for {@code @Header}. What the other side gave the stream as headers is there too, under its own names;
 * it cannot give these, nor any other whose name begins with {@value #PREFIX}, nor spring-messaging's {@code id}, {@code timestamp} and {@code contentType}.
 */
public final class ConecHeaders {
    /** What all of their names begin with. */
    public static final String PREFIX = "conec_";

    /** The other side's proven name: a {@code String}. */
    public static final String PEER = PREFIX + "peer";

    /** Who sent it: a {@link ConecPeer}. */
    public static final String SENDER = PREFIX + "sender";

    /** The membership in the group that a message comes from: a {@code ConecGroup}. Not with messages of streams. */
    public static final String GROUP = PREFIX + "group";

    /** How many messages of the group were dropped directly before this one: a {@code Long}. Not with messages of streams. */
    public static final String LOST_BEFORE = PREFIX + "lostBefore";

    /** The stream's name: a {@code String}. */
    public static final String STREAM_NAME = PREFIX + "streamName";

    /** The stream: a {@code ConecStream}. */
    public static final String STREAM = PREFIX + "stream";

    /** The channel: a {@code ConecChannel}. */
    public static final String CHANNEL = PREFIX + "channel";

    private ConecHeaders() {}
}
