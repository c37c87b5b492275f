package io.conec.internal.protocol;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Writes frames, the counterpart of {@link FrameDecoder}. */
public final class Frames {
    /** The most that a frame takes besides its payload. */
    public static final int MAX_OVERHEAD = 5;

    /** The beginning of a frame, of a length that takes more bytes: for a direction that ends without an end mark, which drops it. */
    public static final int CUT_OFF = 0x80;

    private Frames() {}

    /** Appends one frame. */
    public static void write(ByteBuf out, byte[] payload) {
        writeVarint(out, payload.length + 1);
        out.writeBytes(payload);
    }

    /** One frame in a buffer of its own, which is the caller's to release. */
    public static ByteBuf of(ByteBufAllocator allocator, MessageLite message) {
        byte[] payload = message.toByteArray();
        ByteBuf out = allocator.directBuffer(payload.length + MAX_OVERHEAD);
        write(out, payload);
        return out;
    }

    /** Appends the end mark. */
    public static void writeEnd(ByteBuf out) {
        out.writeByte(0);
    }

    private static void writeVarint(ByteBuf out, int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            out.writeByte((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
    }
}
