package io.conec.benchmarks.system;

import io.netty.buffer.ByteBuf;

/** Takes the messages of one stream, one after the other, on whatever thread the system gives application code. */
@FunctionalInterface
public interface MessageHandler {
    void message(byte[] message);

    /** As {@link #message(byte[])} for systems that hand out their own buffer: the message is the next {@code length} bytes. Neither moves the reader index nor releases. */
    default void message(ByteBuf in, int length) {
        byte[] message = new byte[length];
        in.getBytes(in.readerIndex(), message);
        message(message);
    }
}
