package io.conec.benchmarks.system;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;

/** Netty's QUIC through a process that forwards datagrams and knows nothing: the limit for relaying. */
final class QuicForwardedSystem extends QuicSystem {
    private static final String FORWARDER_ADDRESS = "forwarder-address";
    private static final String FORWARDER_PORT = "forwarder-port";

    QuicForwardedSystem() {
        super("quic-forwarded", "Netty QUIC through a UDP forwarder", Sending.COALESCED);
    }

    @Override
    public Set<Ability> abilities() {
        return Set.of(Ability.STREAMS, Ability.ROUND_TRIPS, Ability.REQUESTS);
    }

    @Override
    public boolean hasRelay() {
        return true;
    }

    @Override
    public boolean relayNeedsReceiver() {
        return true;
    }

    @Override
    public Node relay(Site site, Service service) {
        UdpForwarder forwarder = new UdpForwarder(site.address(), super.target(site));
        return new Node() {
            @Override
            public Map<String, String> announcement() {
                return Map.of(
                        FORWARDER_ADDRESS,
                        site.address(),
                        FORWARDER_PORT,
                        Integer.toString(forwarder.localAddress().getPort()));
            }

            @Override
            public void close() {
                forwarder.close();
            }
        };
    }

    @Override
    InetSocketAddress target(Site site) {
        return new InetSocketAddress(site.get(FORWARDER_ADDRESS), site.port(FORWARDER_PORT));
    }
}
