package io.conec.benchmarks.system;

import io.conec.ClientId;
import io.conec.client.ClientConfig;
import io.conec.client.ConecClient;
import io.conec.client.PathPolicy;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.net.InetSocketAddress;
import java.util.Map;

/** Coordinators and clients as an application makes them, with the default transport. */
final class ConecParties {
    /** The name of streams. */
    static final String STREAM = "bench";

    /** The name of streams with one message in each direction. */
    static final String REQUEST = "request";

    static final String ADDRESS = "coordinator-address";
    static final String PORT = "coordinator-port";

    /** One generator of load asks for more than one client of a real application may. */
    private static final int INTRODUCTIONS_PER_SECOND = 100_000;

    private static final int MAX_CLIENTS = 100_000;

    private ConecParties() {}

    static ConecCoordinator coordinator(Site site) {
        ConecCoordinator coordinator = new ConecCoordinator(
                CoordinatorConfig.builder(site.certificates().identity())
                        .bindAddress(new InetSocketAddress(site.address(), 0))
                        .maxClients(MAX_CLIENTS)
                        .introductionsPerSecond(INTRODUCTIONS_PER_SECOND)
                        .build());
        coordinator.start();
        return coordinator;
    }

    static Map<String, String> announcement(ConecCoordinator coordinator) {
        InetSocketAddress address = coordinator.localAddress();
        return Map.of(ADDRESS, address.getAddress().getHostAddress(), PORT, Integer.toString(address.getPort()));
    }

    static ConecClient client(String id, Site site, PathPolicy path) {
        return client(id, site, path, Identity.generate(new ClientId(id)));
    }

    static ConecClient client(String id, Site site, PathPolicy path, Identity identity) {
        return new ConecClient(config(id, site, trust(site), path, identity).build());
    }

    /** That the coordinator is who it should be; it takes a while to make. */
    static Trust trust(Site site) {
        return Trust.pinned(site.certificates().identity().fingerprint());
    }

    static ClientConfig.Builder config(String id, Site site, Trust trust, PathPolicy path, Identity identity) {
        return ClientConfig.builder(id, Certificates.HOST)
                .coordinatorAddress(site.get(ADDRESS))
                .coordinatorPort(site.port(PORT))
                .coordinatorTrust(trust)
                .bindAddress(new InetSocketAddress(site.address(), 0))
                .identity(identity)
                .path(path);
    }

    /** A node that is ended by that. */
    static Node node(Runnable close, Map<String, String> announcement) {
        return new Node() {
            @Override
            public Map<String, String> announcement() {
                return announcement;
            }

            @Override
            public void close() {
                close.run();
            }
        };
    }
}
