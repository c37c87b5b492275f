package io.conec.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;

/** Health of a client that is not connected. */
final class ClientHealthTests {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    private Path directory;

    private Applications applications;
    private ConfigurableApplicationContext coordinator;
    private ConfigurableApplicationContext client;

    @BeforeEach
    void start() {
        applications = new Applications(directory);
        coordinator = applications.coordinator(Application.class);
        client = applications.client("alice", coordinator.getBean(ConecCoordinator.class), Application.class);
        assertThat(health().getStatus()).isEqualTo(Status.UP);
    }

    @AfterEach
    void stop() {
        applications.close();
    }

    @Test
    void isDownWithTheLastErrorWithoutCoordinator() {
        coordinator.close();
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(health().getStatus()).isEqualTo(Status.DOWN));
        assertThat(health().getDetails().get("lastError")).asString().startsWith("SHUTTING_DOWN");
    }

    @Test
    void isOutOfServiceWhileStopped() {
        client.getBean(ConecClient.class).close();
        assertThat(health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
    }

    private Health health() {
        return Objects.requireNonNull(
                client.getBean("conecHealthContributor", HealthIndicator.class).health());
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Application {}
}
