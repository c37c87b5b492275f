package io.conec.spring.boot.test;

import io.conec.client.ClientConfig;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.spring.core.ConecTemplate;
import io.conec.spring.support.PayloadConverter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;

/** The coordinator of an {@link EmbeddedConec} test. Runs from when it is made until its application context closes. For any thread. */
public final class EmbeddedConecCoordinator implements DisposableBean {
    private static final String HOST = "localhost";

    private final ConecCoordinator coordinator;
    private final ObjectProvider<PayloadConverter> converter;

    // Guarded by this.
    private final Map<String, ConecClient> clients = new LinkedHashMap<>();

    EmbeddedConecCoordinator(ObjectProvider<PayloadConverter> converter) {
        this.converter = converter;
        this.coordinator = new ConecCoordinator(CoordinatorConfig.builder(Identity.generateForHosts(List.of(HOST)))
                .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .build());
        coordinator.start();
    }

    /** The coordinator: to listen to streams that the application opens to it, to close its link, and so on. */
    public ConecCoordinator coordinator() {
        return coordinator;
    }

    /** A client of this id that is registered at the coordinator: a peer of the application. Made at the first call. */
    public synchronized ConecClient client(String id) {
        return clients.computeIfAbsent(id, this::connect);
    }

    /** Sends as that client, with the application's own converters. */
    public ConecTemplate template(String id) {
        return ConecTemplate.builder(client(id), converter.getObject(), ForkJoinPool.commonPool())
                .build();
    }

    /** The host name that the coordinator's certificate names. */
    String host() {
        return HOST;
    }

    String fingerprint() {
        return coordinator.identity().fingerprint().value();
    }

    private ConecClient connect(String id) {
        ConecClient client = new ConecClient(ClientConfig.builder(id, HOST)
                .coordinatorAddress(InetAddress.getLoopbackAddress().getHostAddress())
                .coordinatorPort(coordinator.localAddress().getPort())
                .coordinatorTrust(Trust.pinned(coordinator.identity().fingerprint()))
                .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .build());
        client.start().join();
        return client;
    }

    @Override
    public synchronized void destroy() {
        clients.values().forEach(ConecClient::close);
        coordinator.close();
    }
}
