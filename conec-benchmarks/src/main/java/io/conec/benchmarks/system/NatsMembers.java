package io.conec.benchmarks.system;

import io.nats.client.Connection;
import io.nats.client.Dispatcher;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Connections that have subscribed to one subject. */
final class NatsMembers implements Members {
    static final String GROUP = "bench.group";

    private final Site site;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    NatsMembers(Site site) {
        this.site = site;
    }

    @Override
    public void join(String name, MessageHandler handler, boolean stalled) throws Exception {
        Connection connection = NatsSystem.connect(site);
        connections.add(connection);
        // The usual limits: beyond them the client drops what a stalled application does not take.
        Dispatcher dispatcher = connection.createDispatcher();
        if (stalled) {
            dispatcher.subscribe(GROUP, message -> closed.await());
        } else {
            dispatcher.subscribe(GROUP, message -> handler.message(message.getData()));
        }
        NatsSystem.flush(connection);
    }

    @Override
    public void close() {
        closed.countDown();
        connections.forEach(NatsSystem::close);
    }
}
