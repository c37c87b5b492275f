package io.conec.internal.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Asks the coordinator, past QUIC, what it knows of a link: it says at once that it has been restarted, or that the client's packets come from another address now (PROTOCOL.md,
 * "Checking the link"). The question is as long as the answer, so that nobody is made to send more than was sent to him.
 *
 * <pre>
 * LINK_CHECK    0x03  link handle (8 bytes)  zeros (20)
 * LINK_STATUS   0x04  link handle (8 bytes)  status (1)  observed address: length (1), 16 bytes, port (2)
 * </pre>
 *
 * @param handle the link's, or any other while there is no link
 * @param status what the coordinator knows
 * @param observed where the question came from; null if that was left out
 */
public record LinkCheck(
        long handle, Status status, @Nullable InetSocketAddress observed) {
    /** What a coordinator knows of a link. */
    public enum Status {
        /** It has no such link: it has been restarted, or has ended the link. */
        UNKNOWN(0),
        /** It has the link, and packets of it come from where the question came from. */
        KNOWN(1),
        /** It has the link, but at another address. */
        MOVED(2);

        private final int code;

        Status(int code) {
            this.code = code;
        }

        private static @Nullable Status of(int code) {
            for (Status status : values()) {
                if (status.code == code) {
                    return status;
                }
            }
            return null;
        }
    }

    public static final byte CHECK = 0x03;
    public static final byte STATUS = 0x04;

    /** Of both kinds. */
    public static final int BYTES = 1 + Long.BYTES + 1 + 1 + 16 + Short.BYTES;

    /** A question. */
    public static ByteBuf encodeCheck(ByteBufAllocator allocator, long handle) {
        ByteBuf out = allocator.directBuffer(BYTES, BYTES);
        return out.writeByte(CHECK).writeLong(handle).writeZero(BYTES - 1 - Long.BYTES);
    }

    /** The handle that a question is about; the datagram is at least {@link #BYTES} long. */
    public static long handle(ByteBuf check) {
        return check.getLong(check.readerIndex() + 1);
    }

    /** An answer. */
    public ByteBuf encodeStatus(ByteBufAllocator allocator) {
        ByteBuf out = allocator.directBuffer(BYTES, BYTES);
        out.writeByte(STATUS).writeLong(handle).writeByte(status.code);
        TransportAddress.write(out, observed);
        return out;
    }

    /** The answer in the datagram; null if it holds none. Reads without moving the reader index. */
    public static @Nullable LinkCheck decodeStatus(ByteBuf datagram) {
        if (datagram.readableBytes() != BYTES) {
            return null;
        }
        ByteBuf in = datagram.slice().skipBytes(1);
        long handle = in.readLong();
        Status status = Status.of(in.readUnsignedByte());
        return status == null ? null : new LinkCheck(handle, status, TransportAddress.read(in));
    }
}
