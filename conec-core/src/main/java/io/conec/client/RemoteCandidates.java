package io.conec.client;

import io.conec.internal.protocol.Candidate;
import io.conec.internal.protocol.TransportAddress;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Which of a peer's addresses are probed. A peer must not be able to make this client send to whom it likes. Pure. */
final class RemoteCandidates {
    /** Of one peer; more are left out. */
    static final int MAX = PathMachine.MAX_PAIRS;

    private static final byte[] DISCARD_ONLY = {1, 0, 0, 0, 0, 0, 0, 0};

    private RemoteCandidates() {}

    /**
     * The candidates that may be probed, in the peer's order.
     *
     * @param onLoopback whether this client and the peer are on the coordinator's host
     * @param ipv6 whether this client's socket can send to IPv6 addresses
     */
    static List<InetSocketAddress> admissible(List<Candidate> candidates, boolean onLoopback, boolean ipv6) {
        Set<InetSocketAddress> addresses = new LinkedHashSet<>();
        for (Candidate candidate : candidates) {
            InetSocketAddress address = TransportAddress.of(candidate.getAddress(), candidate.getPort());
            if (address != null && addresses.size() < MAX && isAdmissible(address, onLoopback, ipv6)) {
                addresses.add(address);
            }
        }
        return List.copyOf(addresses);
    }

    /** Whether a probe may be sent there. */
    static boolean isAdmissible(InetSocketAddress address, boolean onLoopback, boolean ipv6) {
        InetAddress ip = address.getAddress();
        return address.getPort() != 0
                && !ip.isAnyLocalAddress()
                && !ip.isMulticastAddress()
                && !ip.isLinkLocalAddress()
                && !isBroadcast(ip)
                && !isDiscardOnly(ip)
                && (onLoopback || !ip.isLoopbackAddress())
                && (ipv6 || ip instanceof Inet4Address);
    }

    private static boolean isDiscardOnly(InetAddress ip) {
        // 100::/64 (RFC 6666), which stands for peers towards QUIC.
        byte[] bytes = ip.getAddress();
        return bytes.length == 16 && Arrays.equals(bytes, 0, DISCARD_ONLY.length, DISCARD_ONLY, 0, DISCARD_ONLY.length);
    }

    private static boolean isBroadcast(InetAddress ip) {
        // 240.0.0.0/4, of which 255.255.255.255 is the one in use, and 0.0.0.0/8, which means this network (RFC 6890).
        // What
        // is a broadcast on a network of this host the kernel knows, and refuses, as the socket has no SO_BROADCAST.
        byte[] bytes = ip.getAddress();
        return bytes.length == 4 && ((bytes[0] & 0xf0) == 0xf0 || bytes[0] == 0);
    }
}
