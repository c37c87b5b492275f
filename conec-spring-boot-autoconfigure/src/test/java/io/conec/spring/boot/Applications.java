package io.conec.spring.boot;

import io.conec.coordinator.ConecCoordinator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts coordinator and client applications on loopback. They are real ones: all auto-configurations, all properties as arguments. */
final class Applications implements AutoCloseable {
    private final Path directory;
    private final List<ConfigurableApplicationContext> contexts = new ArrayList<>();

    Applications(Path directory) {
        this.directory = directory;
    }

    ConfigurableApplicationContext coordinator(Class<?> application, String... arguments) {
        return run(
                application,
                List.of(
                        "conec.mode=coordinator",
                        "conec.coordinator.address=127.0.0.1",
                        "conec.coordinator.port=0",
                        "conec.coordinator.development-certificate.directory=" + directory),
                arguments);
    }

    /** A client that is registered when this returns. */
    ConfigurableApplicationContext client(
            String id, ConecCoordinator coordinator, Class<?> application, String... arguments) {
        return client(
                id,
                coordinator.localAddress().getPort(),
                coordinator.identity().fingerprint().value(),
                application,
                arguments);
    }

    /** A client of the coordinator on that port, which it knows by that fingerprint. */
    ConfigurableApplicationContext client(
            String id, int port, String fingerprint, Class<?> application, String... arguments) {
        return run(
                application,
                List.of(
                        "conec.mode=client",
                        "conec.client.id=" + id,
                        "conec.client.bind-address=127.0.0.1",
                        "conec.client.coordinator.host=localhost",
                        "conec.client.coordinator.address=127.0.0.1",
                        "conec.client.coordinator.port=" + port,
                        "conec.client.coordinator.certificate-fingerprint=" + fingerprint,
                        "conec.client.fail-fast=true"),
                arguments);
    }

    private ConfigurableApplicationContext run(Class<?> application, List<String> defaults, String... arguments) {
        List<String> properties = new ArrayList<>(defaults);
        properties.addAll(List.of("spring.main.banner-mode=off", "conec.shutdown.grace-period=2s"));
        boolean web = List.of(arguments).contains("--server.port=0");
        ConfigurableApplicationContext context = new SpringApplicationBuilder(application)
                .web(web ? WebApplicationType.SERVLET : WebApplicationType.NONE)
                .properties(properties.toArray(String[]::new))
                .run(arguments);
        contexts.add(context);
        return context;
    }

    /** In the reverse order of their start. */
    @Override
    public void close() {
        for (int i = contexts.size() - 1; i >= 0; i--) {
            contexts.get(i).close();
        }
    }
}
