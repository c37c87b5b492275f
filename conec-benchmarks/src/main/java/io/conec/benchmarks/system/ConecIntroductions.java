package io.conec.benchmarks.system;

import io.conec.client.ConecClient;
import io.conec.client.PathPolicy;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** Each connection is a channel to the peer of that name, from one of a few clients. */
final class ConecIntroductions implements Connector {
    private static final int DIALERS = 8;

    private final Site site;
    private final Map<String, ConecClient> clients = new ConcurrentHashMap<>();

    ConecIntroductions(Site site) {
        this.site = site;
    }

    /** {@code name} is the peer's; each peer has a client of its own that dials it, among {@value #DIALERS}. */
    @Override
    public CompletionStage<AutoCloseable> connect(String name) {
        String dialer = "dialer-" + Math.floorMod(name.hashCode(), DIALERS);
        ConecClient client = clients.computeIfAbsent(dialer, id -> {
            ConecClient made = ConecParties.client(id, site, PathPolicy.RELAY_ONLY);
            made.start().join();
            return made;
        });
        return client.open(name).thenApply(channel -> channel);
    }

    @Override
    public void close() {
        clients.values().forEach(ConecClient::close);
    }
}
