package io.conec.benchmarks.system;

import io.netty.buffer.ByteBuf;

/** Makes one message after the other. Not for several threads. */
public interface MessageSource {
    /** The size of each. */
    int size();

    /** The next one, as an array that nobody else has. */
    byte[] next();

    /** Writes the next one. */
    void next(ByteBuf out);
}
