package io.conec.internal.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.net.InetSocketAddress;
import java.security.MessageDigest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Asks over one path whether it works, or answers (PROTOCOL.md, "Probes"). Its first byte has both top bits clear, so that it cannot begin a QUIC packet (RFC 9443).
 * Requests and responses are equally long: nobody is made to send more than was sent to him.
 *
 * <pre>
 * kind          1   PROBE_REQUEST 0x10, PROBE_RESPONSE 0x11
 * probe id      8   the receiver's
 * transaction   8   chosen by the request, repeated by the response
 * flags         1   0x01 SILENT: its sender has heard nothing for a while
 * observed     19   in a response, where the request came from: address length, 16 bytes, port; else zeros
 * MAC          16   HMAC-SHA-256 of all before it under the receiver's probe key, cut (RFC 2104, section 5)
 * padding           to {@value #PADDED_BYTES} bytes, if the request tests whether such packets get through
 * </pre>
 *
 * @param response whether it is an answer
 * @param id the receiver's probe id
 * @param transaction tells which request a response is for
 * @param silent whether its sender has heard nothing on this path for a while although it has sent
 * @param observed in a response, the address from which the request came; null if it came through the relay, and in a request
 * @param padded whether it is as long as the largest packet of a peer connection
 */
public record ProbePacket(
        boolean response,
        long id,
        long transaction,
        boolean silent,
        @Nullable InetSocketAddress observed,
        boolean padded) {
    public static final byte REQUEST = 0x10;
    public static final byte RESPONSE = 0x11;

    /** The largest UDP payload of a peer connection: what a direct path has to carry. */
    public static final int PADDED_BYTES = 1_200;

    private static final int SILENT = 0x01;
    private static final int ADDRESS_BYTES = 16;
    private static final int BODY_BYTES = 1 + Long.BYTES + Long.BYTES + 1 + 1 + ADDRESS_BYTES + Short.BYTES;
    private static final int MAC_BYTES = 16;

    /** Without padding. */
    public static final int BYTES = BODY_BYTES + MAC_BYTES;

    /** Whether the datagram is one, going by its first byte and its length. */
    public static boolean isProbe(ByteBuf datagram) {
        if (datagram.readableBytes() < BYTES) {
            return false;
        }
        byte kind = datagram.getByte(datagram.readerIndex());
        return kind == REQUEST || kind == RESPONSE;
    }

    /** The receiver's probe id, which tells under which key it has to be. */
    public static long id(ByteBuf probe) {
        return probe.getLong(probe.readerIndex() + 1);
    }

    /** The probe in the datagram; null if it is not under this key. Reads without moving the reader index. */
    public static @Nullable ProbePacket decode(ByteBuf datagram, ProbeKey key) {
        byte[] body = new byte[BODY_BYTES];
        byte[] mac = new byte[MAC_BYTES];
        datagram.getBytes(datagram.readerIndex(), body).getBytes(datagram.readerIndex() + BODY_BYTES, mac);
        if (!MessageDigest.isEqual(mac, Arrays.copyOf(key.authenticate(body), MAC_BYTES))) {
            return null;
        }
        ByteBuf in = datagram.slice(datagram.readerIndex(), BODY_BYTES);
        boolean response = in.readByte() == RESPONSE;
        long id = in.readLong();
        long transaction = in.readLong();
        boolean silent = (in.readByte() & SILENT) != 0;
        return new ProbePacket(
                response, id, transaction, silent, TransportAddress.read(in), datagram.readableBytes() >= PADDED_BYTES);
    }

    /** The datagram, under the receiver's key. */
    public ByteBuf encode(ByteBufAllocator allocator, ProbeKey key) {
        int bytes = padded ? PADDED_BYTES : BYTES;
        ByteBuf out = allocator.directBuffer(bytes, bytes);
        out.writeByte(response ? RESPONSE : REQUEST).writeLong(id).writeLong(transaction);
        out.writeByte(silent ? SILENT : 0);
        TransportAddress.write(out, observed);
        byte[] body = new byte[BODY_BYTES];
        out.getBytes(0, body);
        out.writeBytes(key.authenticate(body), 0, MAC_BYTES);
        return out.writeZero(out.writableBytes());
    }
}
