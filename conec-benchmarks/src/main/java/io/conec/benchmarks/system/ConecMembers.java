package io.conec.benchmarks.system;

import io.conec.ClientId;
import io.conec.ConecGroup;
import io.conec.GroupMessage;
import io.conec.GroupOptions;
import io.conec.SharingExecutor;
import io.conec.SlowReceiver;
import io.conec.client.ConecClient;
import io.conec.client.PathPolicy;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;

/** Clients that have joined a group. */
final class ConecMembers implements Members {
    static final String GROUP = "bench";

    private static final int KEPT_FOR_STALLED = 1024;

    private final Site site;
    private final Trust trust;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    /** As the auto-configuration has it. */
    private final Executor executor = new SharingExecutor(threads);

    private final List<ConecClient> clients = new CopyOnWriteArrayList<>();

    ConecMembers(Site site) {
        this.site = site;
        trust = ConecParties.trust(site);
    }

    @Override
    public void join(String name, MessageHandler handler, boolean stalled) {
        Identity identity = Identity.generate(new ClientId(name));
        ConecClient client = new ConecClient(ConecParties.config(name, site, trust, PathPolicy.AUTO, identity)
                .executor(executor)
                .build());
        clients.add(client);
        client.start().join();
        GroupOptions options = GroupOptions.receiveOnly();
        if (stalled) {
            client.join(GROUP, options.withSlowReceiver(SlowReceiver.dropOldest(KEPT_FOR_STALLED)))
                    .join();
        } else {
            ConecGroup group = client.join(GROUP, options).join();
            group.messages().subscribe(new Subscriber(handler));
        }
    }

    @Override
    public void close() {
        clients.forEach(ConecClient::close);
        threads.shutdownNow();
    }

    /** Takes all there is. */
    private record Subscriber(MessageHandler handler) implements Flow.Subscriber<GroupMessage> {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(GroupMessage message) {
            handler.message(message.message().bytes());
        }

        @Override
        public void onError(Throwable failure) {
            System.err.println("membership ended: " + failure);
        }

        @Override
        public void onComplete() {}
    }
}
