package io.conec.internal.protocol;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Takes the bytes of one direction of a stream apart into frames: a varint (as in protobuf) of the payload's length plus one, then the payload. The
 * varint 0 is the end mark (PROTOCOL.md, "Frames").
 *
 * <p>Memory for a payload grows with what has arrived, not with what was announced. Owned by the event loop.
 */
public final class FrameDecoder {
    /** Takes what was decoded, in order. */
    public interface Sink {
        /** A whole payload, the sink's to keep. */
        void frame(byte[] payload);

        /** The end mark: nothing may follow it. */
        void end();
    }

    private static final int FIRST_ALLOCATION = 64 * 1024;
    private static final int MAX_VARINT_BYTES = 5;

    private final Sink sink;
    private int maxPayload;
    private int varintBytes;
    private long varint;
    private int length = -1;
    private byte @Nullable [] payload;
    private int filled;
    private boolean ended;

    public FrameDecoder(int maxPayload, Sink sink) {
        this.maxPayload = maxPayload;
        this.sink = sink;
    }

    /** Changes the limit for frames whose length has not been read yet. */
    public void maxPayload(int bytes) {
        maxPayload = bytes;
    }

    /** Whether the direction may end here: after the end mark. */
    public boolean ended() {
        return ended;
    }

    /** Whether a frame has begun to arrive, the rest of which is yet to come. */
    public boolean isInFrame() {
        return length >= 0 || varintBytes > 0;
    }

    /**
     * Reads all of the buffer; does not release it.
     *
     * @throws ConecException with {@link ErrorCode#MESSAGE_TOO_LARGE} or {@link ErrorCode#PROTOCOL_VIOLATION}; nothing can be decoded after that
     */
    public void decode(ByteBuf in) {
        while (in.isReadable()) {
            if (ended) {
                throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "bytes after the end mark");
            }
            if (length < 0 && !readLength(in)) {
                return;
            }
            if (length >= 0) {
                readPayload(in);
            }
        }
    }

    private boolean readLength(ByteBuf in) {
        while (in.isReadable()) {
            byte b = in.readByte();
            varint |= (long) (b & 0x7f) << (7 * varintBytes++);
            if (b >= 0) {
                long value = varint;
                varint = 0;
                varintBytes = 0;
                begin(value);
                return true;
            }
            if (varintBytes == MAX_VARINT_BYTES) {
                throw new ConecException(
                        ErrorCode.PROTOCOL_VIOLATION, "a frame's length has more than " + MAX_VARINT_BYTES + " bytes");
            }
        }
        return false;
    }

    private void begin(long value) {
        if (value == 0) {
            ended = true;
            sink.end();
            return;
        }
        if (value - 1 > maxPayload) {
            throw new ConecException(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "a message of " + (value - 1) + " bytes is over the limit of " + maxPayload + " bytes");
        }
        length = (int) (value - 1);
        filled = 0;
        payload = new byte[Math.min(length, FIRST_ALLOCATION)];
        if (length == 0) {
            deliver(payload);
        }
    }

    private void readPayload(ByteBuf in) {
        byte[] bytes = payload;
        if (bytes == null) {
            throw new IllegalStateException("no payload begun");
        }
        int n = Math.min(in.readableBytes(), length - filled);
        if (filled + n > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(length, Math.max(filled + n, bytes.length * 2L)));
            payload = bytes;
        }
        in.readBytes(bytes, filled, n);
        filled += n;
        if (filled == length) {
            deliver(bytes);
        }
    }

    private void deliver(byte[] bytes) {
        length = -1;
        payload = null;
        sink.frame(bytes);
    }
}
