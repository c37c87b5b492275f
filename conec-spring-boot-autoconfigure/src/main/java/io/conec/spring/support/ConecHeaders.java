package io.conec.spring.support;

/**
 * Headers of the messages that listener methods handle, for {@code @Header}. What the other side gave the stream as headers is there too, under its own names;
 * it cannot give these, nor spring-messaging's {@code id}, {@code timestamp} and {@code contentType}.
 */
public final class ConecHeaders {
    /** The other side's proven name: a {@code String}. */
    public static final String PEER = "conec_peer";

    /** Who sent it: a {@link ConecPeer}. */
    public static final String SENDER = "conec_sender";

    /** The membership in the group that a message comes from: a {@code ConecGroup}. Not with messages of streams. */
    public static final String GROUP = "conec_group";

    /** How many messages of the group were dropped directly before this one: a {@code Long}. Not with messages of streams. */
    public static final String LOST_BEFORE = "conec_lostBefore";

    /** The stream's name: a {@code String}. */
    public static final String STREAM_NAME = "conec_streamName";

    /** The stream: a {@code ConecStream}. */
    public static final String STREAM = "conec_stream";

    /** The channel: a {@code ConecChannel}. */
    public static final String CHANNEL = "conec_channel";

    private ConecHeaders() {}
}
