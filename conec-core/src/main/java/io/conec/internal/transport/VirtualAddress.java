package io.conec.internal.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * Addresses that stand for peers towards the QUIC codecs and never reach a network: the discard-only prefix 100::/64 (RFC 6666).
 */
final class VirtualAddress {
    private static final byte[] PREFIX = {1, 0, 0, 0, 0, 0, 0, 0};
    private static final int PORT = 1719;

    /** What the codecs see as this side's own address; always the same, or quiche takes a change for a migration. */
    static final InetSocketAddress LOCAL = of(0);

    private VirtualAddress() {}

    static InetSocketAddress of(long number) {
        byte[] address = ByteBuffer.allocate(16).put(PREFIX).putLong(number).array();
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), PORT);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Whether a real packet claims to come from here, which none can. */
    static boolean isVirtual(InetSocketAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        if (bytes.length != 16) {
            return false;
        }
        for (int i = 0; i < PREFIX.length; i++) {
            if (bytes[i] != PREFIX[i]) {
                return false;
            }
        }
        return true;
    }
}
