package io.conec.internal.channel;

import io.conec.ConecChannel;
import io.conec.ConecMessage;
import io.conec.ErrorCode;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** What an {@link ApplicationStream} sends by: a {@link DataStream}, or its place on one that requests share. Any thread. */
interface Outbound {
    ConecChannel channel();

    /** See {@link io.conec.ConecStream#id}. */
    long id();

    /** See {@link io.conec.ConecStream#name}. */
    String name();

    /** See {@link io.conec.ConecStream#headers}. */
    Map<String, String> headers();

    /** See {@link io.conec.ConecStream#send}. */
    CompletableFuture<Void> send(ConecMessage message);

    /** See {@link io.conec.ConecStream#finish}. */
    CompletableFuture<Void> finish();

    /** As {@link #finish}, for those who do not want to hear of it. */
    void finishUnheard();

    /** See {@link io.conec.ConecStream#stopReceiving}. */
    void stopReceiving(ErrorCode code);

    /** Ends both directions, for a reason other than {@link ErrorCode#NO_ERROR}. */
    void reset(ErrorCode code, String message);

    /** See {@link io.conec.ConecStream#closed}. */
    CompletableFuture<ErrorCode> closed();

    /** There is room for what arrives, after {@link Inbound#hasRoom} said no. */
    void read();

    /** Counts messages that have arrived. On the event loop. */
    void received(int messages, long payloadBytes);
}
