package io.conec.benchmarks.process;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * The content of messages of one size: eight bytes that the sender chooses, a number or a time; bytes that are always the same; a check over the first eight. A receiver
 * checks both ends and up to sixteen words in between, which finds messages that are mixed up, cut or shifted, and costs a few nanoseconds.
 */
public final class Payload {
    /** The smallest message: the two ends. */
    public static final int MIN_BYTES = 2 * Long.BYTES;

    private static final VarHandle WORDS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final int SAMPLES = 16;
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final byte[] template;
    private final int stride;

    public Payload(int size) {
        if (size < MIN_BYTES) {
            throw new IllegalArgumentException("at least " + MIN_BYTES + " bytes, not " + size);
        }
        template = new byte[size];
        new SplittableRandom(size).nextBytes(template);
        stride = Math.max(Long.BYTES, (size - MIN_BYTES) / SAMPLES);
    }

    public int size() {
        return template.length;
    }

    /** A message that begins with that. */
    public byte[] message(long first) {
        byte[] message = template.clone();
        WORDS.set(message, 0, first);
        WORDS.set(message, message.length - Long.BYTES, check(first));
        return message;
    }

    /** Writes such a message. */
    public void write(long first, ByteBuf out) {
        out.writeLong(first);
        out.writeBytes(template, Long.BYTES, template.length - MIN_BYTES);
        out.writeLong(check(first));
    }

    /** What the message begins with. */
    public static long first(byte[] message) {
        return (long) WORDS.get(message, 0);
    }

    /** Whether it is one of these messages. */
    public boolean isIntact(byte[] message) {
        if (message.length != template.length
                || (long) WORDS.get(message, message.length - Long.BYTES) != check(first(message))) {
            return false;
        }
        for (int at = Long.BYTES; at <= message.length - MIN_BYTES; at += stride) {
            if ((long) WORDS.get(message, at) != (long) WORDS.get(template, at)) {
                return false;
            }
        }
        return true;
    }

    /** As {@link #isIntact(byte[])}, of the next bytes of a buffer. */
    public boolean isIntact(ByteBuf in, int length) {
        int start = in.readerIndex();
        if (length != template.length || in.getLong(start + length - Long.BYTES) != check(in.getLong(start))) {
            return false;
        }
        for (int at = Long.BYTES; at <= length - MIN_BYTES; at += stride) {
            if (in.getLong(start + at) != (long) WORDS.get(template, at)) {
                return false;
            }
        }
        return true;
    }

    private static long check(long first) {
        long mixed = first * MULTIPLIER;
        return mixed ^ (mixed >>> 32);
    }
}
