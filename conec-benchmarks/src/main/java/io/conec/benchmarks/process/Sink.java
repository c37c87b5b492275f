package io.conec.benchmarks.process;

import io.conec.benchmarks.system.MessageHandler;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Counts and checks numbered messages of one stream. Called by one thread at a time, read by others. */
final class Sink implements MessageHandler {
    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong errors = new AtomicLong();
    private @Nullable Payload payload;
    private long next;

    @Override
    public void message(byte[] message) {
        Payload expected = payload(message.length);
        account(message.length, expected.isIntact(message), Payload.first(message));
    }

    @Override
    public void message(ByteBuf in, int length) {
        Payload expected = payload(length);
        account(length, expected.isIntact(in, length), in.getLong(in.readerIndex()));
    }

    private Payload payload(int size) {
        Payload known = payload;
        if (known == null) {
            known = new Payload(size);
            payload = known;
        }
        return known;
    }

    private void account(int length, boolean intact, long number) {
        if (number == 0) {
            // A group's sender begins anew in each measurement.
            next = 0;
        }
        if (!intact || number < next) {
            add(errors, 1);
        } else if (number > next) {
            // Lost; a group's member that joined late begins anywhere.
            add(errors, messages.getPlain() == 0 ? 0 : number - next);
        }
        next = Math.max(next, number + 1);
        add(messages, 1);
        add(bytes, length);
    }

    private static void add(AtomicLong count, long value) {
        count.lazySet(count.getPlain() + value);
    }

    long messages() {
        return messages.get();
    }

    long bytes() {
        return bytes.get();
    }

    /** Messages that are damaged, missing or out of order. */
    long errors() {
        return errors.get();
    }
}
