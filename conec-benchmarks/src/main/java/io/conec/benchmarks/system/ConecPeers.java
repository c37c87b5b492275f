package io.conec.benchmarks.system;

import io.conec.client.ConecClient;
import io.conec.client.PathPolicy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Clients that others open channels to. */
final class ConecPeers implements Members {
    private final Site site;
    private final List<ConecClient> clients = new CopyOnWriteArrayList<>();

    ConecPeers(Site site) {
        this.site = site;
    }

    @Override
    public void join(String name, MessageHandler handler, boolean stalled) {
        ConecClient client = ConecParties.client(name, site, PathPolicy.RELAY_ONLY);
        clients.add(client);
        client.start().join();
    }

    @Override
    public void close() {
        clients.forEach(ConecClient::close);
    }
}
