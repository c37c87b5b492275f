package io.conec.spring.listener;

/** What a listener method handles. */
enum ListenerKind {
    /** A channel that opened. */
    CHANNEL,
    /** A stream, which the method owns. */
    STREAM,
    /** Each message of a stream. */
    MESSAGE,
    /** All messages of a stream, as a publisher. */
    MESSAGES,
    /** Each message of a group. */
    GROUP_MESSAGE
}
