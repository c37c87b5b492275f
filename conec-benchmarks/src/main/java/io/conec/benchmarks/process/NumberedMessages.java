package io.conec.benchmarks.process;

import io.conec.benchmarks.system.MessageSource;
import io.netty.buffer.ByteBuf;

/** Messages numbered from zero. Not for several threads. */
final class NumberedMessages implements MessageSource {
    private final Payload payload;
    private long next;

    NumberedMessages(int size) {
        payload = new Payload(size);
    }

    @Override
    public int size() {
        return payload.size();
    }

    @Override
    public byte[] next() {
        return payload.message(next++);
    }

    @Override
    public void next(ByteBuf out) {
        payload.write(next++, out);
    }
}
