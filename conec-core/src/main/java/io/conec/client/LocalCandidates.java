package io.conec.client;

import io.conec.internal.protocol.Candidate;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Where this client may be reached directly: at its interfaces, where the coordinator sees it, and where its configuration says (RFC 8445, section 5.1.1). Owned by the event
 * loop, but for {@link #interfaces}.
 */
final class LocalCandidates {
    private static final Logger log = LoggerFactory.getLogger(LocalCandidates.class);

    private final InetSocketAddress bound;
    private final List<InetSocketAddress> configured;
    private List<InetAddress> hosts = List.of();
    private @Nullable InetSocketAddress observed;
    private volatile NatMapping mapping = NatMapping.UNKNOWN;

    LocalCandidates(InetSocketAddress bound, List<InetSocketAddress> configured) {
        this.bound = bound;
        this.configured = configured;
    }

    /** The addresses of the interfaces that are up, link-local ones left out; a socket that is bound to one address has only that. Blocks for a moment: not on the event loop. */
    static List<InetAddress> interfaces(InetAddress bound) {
        if (!bound.isAnyLocalAddress()) {
            return List.of(bound);
        }
        List<InetAddress> addresses = new ArrayList<>();
        try {
            for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
                if (each.isUp()) {
                    for (InetAddress address : Collections.list(each.getInetAddresses())) {
                        if (!address.isLinkLocalAddress()
                                && (bound instanceof Inet6Address || address instanceof Inet4Address)) {
                            addresses.add(withoutScope(address));
                        }
                    }
                }
            }
        } catch (SocketException e) {
            log.warn(
                    "The addresses of this host's interfaces cannot be read, so peers on the same network may not find it",
                    e);
        }
        return addresses;
    }

    /** The interfaces have these addresses now. Returns whether that is new. */
    boolean hosts(List<InetAddress> addresses) {
        boolean changed = !addresses.equals(hosts);
        hosts = List.copyOf(addresses);
        return changed;
    }

    /**
     * The coordinator, which this client reaches there, says that it sees this client at that address. Returns whether that is new. A coordinator elsewhere sees nobody on its
     * loopback interface: one that says so wants this client to send to its own host whatever a peer names.
     */
    boolean observed(InetSocketAddress claimed, @Nullable InetSocketAddress coordinator) {
        boolean credible = !claimed.getAddress().isLoopbackAddress()
                || bound.getAddress().isLoopbackAddress()
                || (coordinator != null && coordinator.getAddress().isLoopbackAddress());
        InetSocketAddress address = credible ? claimed : null;
        boolean changed = !Objects.equals(address, observed);
        observed = address;
        if (changed) {
            mapping = address != null && isOwn(address) ? NatMapping.NONE : NatMapping.UNKNOWN;
        }
        return changed;
    }

    /** A peer sees this client there. */
    void observedByPeer(InetSocketAddress address) {
        if (observed == null || isOwn(address) || isOwn(observed)) {
            // A peer on the same network says nothing about the NAT.
            return;
        }
        if (address.getAddress().getClass() != observed.getAddress().getClass()) {
            // The other family has another NAT, or none.
            return;
        }
        NatMapping now = address.equals(observed) ? NatMapping.ENDPOINT_INDEPENDENT : NatMapping.ENDPOINT_DEPENDENT;
        if (now != mapping) {
            // Peers may say one thing and the other, as often as they like.
            log.atLevel(mapping == NatMapping.UNKNOWN ? Level.INFO : Level.DEBUG)
                    .log(
                            "The NAT before this client maps {}: the coordinator sees it at {}, a peer at {}",
                            now,
                            observed,
                            address);
            mapping = now;
        }
    }

    NatMapping mapping() {
        return mapping;
    }

    /** Whether the coordinator sees this client on its own loopback interface, so that it may be told of others there. */
    boolean onLoopback() {
        return observed != null && observed.getAddress().isLoopbackAddress();
    }

    /** All candidates, without what could only be reached from this host unless the coordinator is there. */
    Map<InetSocketAddress, Candidate.Kind> all() {
        Map<InetSocketAddress, Candidate.Kind> all = new LinkedHashMap<>();
        for (InetSocketAddress address : configured) {
            all.put(address, Candidate.Kind.CONFIGURED);
        }
        if (observed != null) {
            all.putIfAbsent(observed, Candidate.Kind.SERVER_REFLEXIVE);
        }
        for (InetAddress host : hosts) {
            if (!host.isLoopbackAddress() || onLoopback()) {
                all.putIfAbsent(new InetSocketAddress(host, bound.getPort()), Candidate.Kind.HOST);
            }
        }
        return all;
    }

    private boolean isOwn(InetSocketAddress address) {
        return address.getPort() == bound.getPort() && hosts.contains(address.getAddress());
    }

    private static InetAddress withoutScope(InetAddress address) {
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (java.net.UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
