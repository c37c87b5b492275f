package io.conec.internal.protocol;

import com.google.protobuf.ByteString;
import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** IP addresses with a port, as they travel in packets and messages. */
public final class TransportAddress {
    private static final int ADDRESS_BYTES = 16;

    private TransportAddress() {}

    /** The address of a message's fields; null if they hold none. */
    public static @Nullable InetSocketAddress of(ByteString address, int port) {
        return of(address.toByteArray(), port);
    }

    /** The bytes of a message's field. */
    public static ByteString bytes(InetSocketAddress address) {
        return ByteString.copyFrom(address.getAddress().getAddress());
    }

    /** Appends length, 16 bytes and port; zeros for null. */
    static void write(ByteBuf out, @Nullable InetSocketAddress address) {
        byte[] bytes = address == null ? new byte[0] : address.getAddress().getAddress();
        out.writeByte(bytes.length).writeBytes(bytes).writeZero(ADDRESS_BYTES - bytes.length);
        out.writeShort(address == null ? 0 : address.getPort());
    }

    /** Reads what {@link #write} has written; null if it holds no address. */
    static @Nullable InetSocketAddress read(ByteBuf in) {
        int length = in.readUnsignedByte();
        byte[] bytes = new byte[ADDRESS_BYTES];
        in.readBytes(bytes);
        int port = in.readUnsignedShort();
        return length == 4 || length == ADDRESS_BYTES ? of(java.util.Arrays.copyOf(bytes, length), port) : null;
    }

    private static @Nullable InetSocketAddress of(byte[] address, int port) {
        if (port < 0 || port > 0xffff || (address.length != 4 && address.length != ADDRESS_BYTES)) {
            return null;
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
