package io.conec.sample.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ConecStream;
import io.conec.client.ClientConfig;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.security.Trust;
import io.conec.spring.boot.context.LocalConecPort;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** The application on free ports, with clients made by hand. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {"conec.coordinator.address=127.0.0.1", "conec.coordinator.port=0"})
final class SampleCoordinatorApplicationTests {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    private static Path certificate;

    @Autowired
    private ConecCoordinator coordinator;

    @LocalConecPort
    private int udpPort;

    @LocalServerPort
    private int httpPort;

    @DynamicPropertySource
    static void keepTheCertificateHere(DynamicPropertyRegistry registry) {
        registry.add("conec.coordinator.development-certificate.directory", () -> certificate);
    }

    @Test
    void answersRequestsAboutItself() throws Exception {
        try (ConecClient alice = client("alice");
                ConecClient bob = client("bob");
                ConecStream stream =
                        alice.coordinator().orElseThrow().openStream("about").join()) {
            stream.send("");
            assertThat(stream.receive(LIMIT).orElseThrow().text())
                    .contains("\"name\":", "\"startedAt\":\"", "\"clients\":2");
            assertThat(bob.isRunning()).isTrue();
        }
    }

    @Test
    void introducesClientsAndCountsWhatItRelays() throws Exception {
        try (ConecClient carol = client("carol");
                ConecClient dave = client("dave")) {
            dave.onStream("greeting", arrived -> {
                arrived.send("hello " + arrived.channel().peer());
                arrived.close();
            });
            try (ConecStream stream =
                    carol.open("dave").join().openStream("greeting").join()) {
                assertThat(stream.receive(LIMIT).orElseThrow().text()).isEqualTo("hello carol");
            }
            assertThat(coordinator.statistics().relayedBytes()).isPositive();
        }
    }

    @Test
    void theActuatorTellsWhereItListens() throws Exception {
        assertThat(get("health/conec")).contains("\"status\":\"UP\"", "127.0.0.1:" + udpPort);
        assertThat(get("conec")).contains("\"mode\":\"coordinator\"", "\"relayedBytes\":");
    }

    private ConecClient client(String id) {
        ConecClient client = new ConecClient(ClientConfig.builder(id, "localhost")
                .coordinatorAddress("127.0.0.1")
                .coordinatorPort(udpPort)
                .coordinatorTrust(Trust.pinned(coordinator.config().identity().fingerprint()))
                .build());
        client.start().join();
        return client;
    }

    private String get(String endpoint) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + httpPort + "/actuator/" + endpoint);
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).timeout(LIMIT).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }
}
