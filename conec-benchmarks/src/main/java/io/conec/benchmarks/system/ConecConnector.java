package io.conec.benchmarks.system;

import io.conec.ClientId;
import io.conec.SharingExecutor;
import io.conec.client.ConecClient;
import io.conec.client.PathPolicy;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Each connection is a client, registered at the coordinator. One of a name that was there before has the same key, as after a restart. */
final class ConecConnector implements Connector {
    private final Site site;
    private final Trust trust;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    /** As the auto-configuration has it. */
    private final Executor executor = new SharingExecutor(threads);

    private final Map<String, Identity> identities = new ConcurrentHashMap<>();

    ConecConnector(Site site) {
        this.site = site;
        trust = ConecParties.trust(site);
    }

    @Override
    public void prepare(String name) {
        identity(name);
    }

    private Identity identity(String name) {
        return identities.computeIfAbsent(name, id -> Identity.generate(new ClientId(id)));
    }

    @Override
    public CompletionStage<AutoCloseable> connect(String name) {
        ConecClient client = new ConecClient(ConecParties.config(name, site, trust, PathPolicy.AUTO, identity(name))
                .executor(executor)
                .build());
        return client.start().handle((nothing, failure) -> {
            if (failure != null) {
                client.close();
                throw new IllegalStateException(failure);
            }
            return client;
        });
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
