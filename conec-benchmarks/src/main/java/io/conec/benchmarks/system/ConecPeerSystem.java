package io.conec.benchmarks.system;

import io.conec.ConecChannel;
import io.conec.client.ConecClient;
import io.conec.client.PathPolicy;
import io.conec.coordinator.ConecCoordinator;
import java.util.Map;
import java.util.Set;

/** Two conec clients, on a direct path or through the coordinator's relay. */
final class ConecPeerSystem implements BenchSystem {
    private static final String RECEIVER = "receiver";

    private final String id;
    private final String title;
    private final PathPolicy path;

    ConecPeerSystem(String id, String title, PathPolicy path) {
        this.id = id;
        this.title = title;
        this.path = path;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public Set<Ability> abilities() {
        return path == PathPolicy.RELAY_ONLY
                ? Set.of(Ability.STREAMS, Ability.ROUND_TRIPS, Ability.REQUESTS, Ability.INTRODUCTIONS)
                : Set.of(Ability.STREAMS, Ability.ROUND_TRIPS, Ability.REQUESTS);
    }

    @Override
    public boolean hasRelay() {
        return true;
    }

    @Override
    public Node relay(Site site, Service service) {
        ConecCoordinator coordinator = ConecParties.coordinator(site);
        Map<String, String> announcement = ConecParties.announcement(coordinator);
        return new Node() {
            @Override
            public Map<String, String> announcement() {
                return announcement;
            }

            @Override
            public long relayedPackets() {
                return coordinator.statistics().relayedPackets();
            }

            @Override
            public void close() {
                coordinator.close();
            }
        };
    }

    @Override
    public Node receiver(Site site, Service service) {
        ConecClient client = ConecParties.client(RECEIVER, site, path);
        ConecMessageStream.serve(client, service);
        client.start().join();
        return ConecParties.node(client::close, Map.of());
    }

    @Override
    public Members members(Site site) {
        return new ConecPeers(site);
    }

    @Override
    public Connector connector(Site site) {
        return new ConecIntroductions(site);
    }

    @Override
    public Sender sender(Site site) {
        ConecClient client = ConecParties.client("sender", site, path);
        client.start().join();
        ConecChannel channel = client.open(RECEIVER).join();
        return new ConecSender(client, channel);
    }
}
