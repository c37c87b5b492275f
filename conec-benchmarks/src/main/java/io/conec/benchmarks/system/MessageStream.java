package io.conec.benchmarks.system;

import java.util.function.BooleanSupplier;

/** One side of a stream of messages in both directions. */
@FunctionalInterface
public interface MessageStream {
    /** Sends a message, which the system may keep; waits while too much is under way. Any thread, one at a time. */
    void send(byte[] message) throws InterruptedException;

    /** Sends the last message, and ends this side where ending is more than not sending any more. */
    default void sendLast(byte[] message) throws InterruptedException {
        send(message);
    }

    /** Sends as fast as it goes until it is told to stop, on the calling thread or another. An application without better means calls {@link #send} in a loop. */
    default void pump(MessageSource source, BooleanSupplier running) throws InterruptedException {
        while (running.getAsBoolean()) {
            send(source.next());
        }
    }
}
