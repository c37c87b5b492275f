package io.conec.benchmarks.system;

import io.conec.client.ConecClient;
import io.conec.client.PathPolicy;
import io.conec.coordinator.ConecCoordinator;
import java.util.Set;

/** A conec client that talks to the coordinator's own application. */
final class ConecCoordinatorSystem implements BenchSystem {
    @Override
    public String id() {
        return "conec-coordinator";
    }

    @Override
    public String title() {
        return "conec, to coordinator";
    }

    @Override
    public Set<Ability> abilities() {
        return Set.of(Ability.STREAMS, Ability.ROUND_TRIPS, Ability.REQUESTS, Ability.GROUPS, Ability.CONNECTIONS);
    }

    @Override
    public boolean hasRelay() {
        return true;
    }

    @Override
    public boolean relayReceives() {
        return true;
    }

    @Override
    public Node relay(Site site, Service service) {
        ConecCoordinator coordinator = ConecParties.coordinator(site);
        ConecMessageStream.serve(coordinator, service);
        return ConecParties.node(coordinator::close, ConecParties.announcement(coordinator));
    }

    @Override
    public Sender sender(Site site) {
        ConecClient client = ConecParties.client("sender", site, PathPolicy.AUTO);
        client.start().join();
        return new ConecSender(client, client.coordinator().orElseThrow());
    }

    @Override
    public Members members(Site site) {
        return new ConecMembers(site);
    }

    @Override
    public Connector connector(Site site) {
        return new ConecConnector(site);
    }
}
