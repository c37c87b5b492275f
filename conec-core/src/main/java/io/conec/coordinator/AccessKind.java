package io.conec.coordinator;

/** What clients ask a coordinator to let them do. A refusal names it. */
public enum AccessKind {
    /** A client registers. */
    CONNECT,
    /** A client opens a channel to another. What the two then do in it is theirs: the coordinator cannot see it. */
    INTRODUCE,
    /** A client sees that another is connected, and its attributes. */
    SEE,
    /** A client opens a stream to the coordinator. */
    OPEN_STREAM,
    /** A client joins a group. */
    JOIN,
    /** A client joins a group to send to it; {@link #JOIN} is asked about as well. */
    SEND
}
