package io.conec.internal.protocol;

import io.netty.buffer.ByteBuf;

/**
 * The datagrams between a client and the coordinator that are not QUIC: a byte that says what it is, with both top bits clear so that it cannot begin a QUIC packet
 * (RFC 9000, section 17; RFC 9443), then a relay handle (PROTOCOL.md, "Relay").
 *
 * <pre>
 * RELAY           0x01  handle (8 bytes, big-endian)  one packet of the peer connection
 * UNKNOWN_HANDLE  0x02  handle (8 bytes, big-endian)
 * </pre>
 */
public final class RelayPacket {
    /** Carries a packet of a peer connection. */
    public static final byte RELAY = 0x01;
    /** Coordinator to client: your packet's handle means nothing to me. */
    public static final byte UNKNOWN_HANDLE = 0x02;
    /** Bytes before the carried packet. */
    public static final int HEADER_BYTES = 1 + Long.BYTES;

    private static final int QUIC_BITS = 0xc0;

    private RelayPacket() {}

    /** Whether the datagram is, going by its first byte, a QUIC packet. */
    public static boolean isQuic(ByteBuf datagram) {
        return datagram.isReadable() && (datagram.getByte(datagram.readerIndex()) & QUIC_BITS) != 0;
    }

    /** The datagram's kind; -1 if it is too short for a header. */
    public static int kind(ByteBuf datagram) {
        return datagram.readableBytes() < HEADER_BYTES ? -1 : datagram.getByte(datagram.readerIndex());
    }

    /** The handle in the header. */
    public static long handle(ByteBuf datagram) {
        return datagram.getLong(datagram.readerIndex() + 1);
    }

    /** Puts another handle into the header, in place. */
    public static void replaceHandle(ByteBuf datagram, long handle) {
        datagram.setLong(datagram.readerIndex() + 1, handle);
    }

    /** Appends a header. */
    public static void writeHeader(ByteBuf out, byte kind, long handle) {
        out.writeByte(kind).writeLong(handle);
    }
}
