package io.conec.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.ConecGroup;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.listener.ConecListenerContainer;
import io.conec.spring.listener.ConecListenerEndpointRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Health, meters and the endpoint as an operator sees them: over HTTP. */
final class ActuatorTests {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String[] ACTUATOR = {
        "--server.port=0",
        "--server.address=127.0.0.1",
        "--management.endpoints.web.exposure.include=health,metrics,conec",
        "--management.endpoint.health.show-details=always"
    };

    private final HttpClient http = HttpClient.newHttpClient();
    private final JsonMapper json = JsonMapper.shared();

    @TempDir
    private static Path directory;

    private static Applications applications;
    private static ConfigurableApplicationContext coordinatorContext;
    private static ConfigurableApplicationContext clientContext;
    private static ConfigurableApplicationContext bobsContext;
    private static ConecClient alice;

    @BeforeAll
    static void start() {
        applications = new Applications(directory);
        coordinatorContext = applications.coordinator(Application.class, ACTUATOR);
        ConecCoordinator coordinator = coordinatorContext.getBean(ConecCoordinator.class);
        clientContext = applications.client("alice", coordinator, Application.class, ACTUATOR);
        alice = clientContext.getBean(ConecClient.class);
        bobsContext = applications.client(
                "bob",
                coordinator,
                Application.class,
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--management.endpoints.web.exposure.include=conec",
                "--management.endpoint.conec.access=unrestricted");
    }

    @AfterAll
    static void stop() {
        applications.close();
    }

    @Test
    void healthOfACoordinatorTellsItsAddressAndTheNumberOfClients() throws Exception {
        JsonNode health = get(coordinatorContext, "health").at("/components/conec");
        assertThat(health.at("/status").asString()).isEqualTo("UP");
        assertThat(health.at("/details/address").asString())
                .isEqualTo("127.0.0.1:" + coordinatorContext.getEnvironment().getProperty("local.conec.port"));
        assertThat(health.at("/details/clients").asInt()).isEqualTo(2);
        assertThat(health.toString()).doesNotContain("alice", "bob");
    }

    @Test
    void healthOfAClientTellsItsStateAndCountsButNoPeersName() throws Exception {
        try (ConecStream stream = alice.open("bob").join().openStream("echo").join()) {
            stream.send("x");
            stream.receive(LIMIT);
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(get(clientContext, "health")
                                    .at("/components/conec/details/streams")
                                    .asInt())
                            .isEqualTo(1));
            JsonNode health = get(clientContext, "health").at("/components/conec");
            assertThat(health.at("/status").asString()).isEqualTo("UP");
            assertThat(health.at("/details/state").asString()).isEqualTo("CONNECTED");
            assertThat(health.at("/details/coordinator").asString()).startsWith("127.0.0.1:");
            assertThat(health.at("/details/channels").asInt()).isEqualTo(2);
            assertThat(health.at("/details/reconnects").asInt()).isZero();
            assertThat(health.at("/details/natMapping").asString()).isEqualTo("NONE");
            assertThat(health.toString()).doesNotContain("bob");
        }
    }

    @Test
    void countersGoOnWhenAChannelEnds() throws Exception {
        double messagesSent = meter("conec.messages.sent");
        double messagesReceived = meter("conec.messages.received");
        double dataSent = meter("conec.data.sent");
        double dataReceived = meter("conec.data.received");
        exchange();
        assertThat(meter("conec.messages.sent")).isEqualTo(messagesSent + 1);
        assertThat(meter("conec.messages.received")).isEqualTo(messagesReceived + 1);
        assertThat(meter("conec.data.sent")).isEqualTo(dataSent + 5);
        assertThat(meter("conec.data.received")).isEqualTo(dataReceived + 5);
        alice.open("bob").join().close();
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(meter("conec.channels.closed?tag=reason:no_error"))
                        .isEqualTo(1));
        assertThat(meter("conec.messages.sent")).isEqualTo(messagesSent + 1);
        exchange();
        assertThat(meter("conec.messages.sent")).isEqualTo(messagesSent + 2);
        assertThat(meter("conec.data.received")).isEqualTo(dataReceived + 10);
    }

    @Test
    void gaugesShowWhatIsOpen() throws Exception {
        try (ConecStream stream = alice.open("bob").join().openStream("echo").join()) {
            assertThat(stream.name()).isEqualTo("echo");
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(meter("conec.channels.active?tag=kind:peer&tag=path:direct"))
                            .isEqualTo(1));
            assertThat(meter("conec.channels.active?tag=kind:peer&tag=path:relayed"))
                    .isZero();
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(meter("conec.channels.round.trip?tag=kind:peer&tag=path:direct"))
                            .isPositive()
                            .isLessThan(10));
            assertThat(meter("conec.path.changes?tag=from:relayed&tag=to:direct"))
                    .isPositive();
            assertThat(meter("conec.channels.active?tag=kind:coordinator&tag=path:direct"))
                    .isEqualTo(1);
            await().atMost(LIMIT)
                    .untilAsserted(
                            () -> assertThat(meter("conec.streams.active")).isEqualTo(1));
            await().atMost(LIMIT)
                    .untilAsserted(
                            () -> assertThat(meter("conec.channels.opened")).isEqualTo(2));
            assertThat(meter("conec.client.reconnects")).isZero();
            assertThat(meter("conec.certificate.expiry"))
                    .isBetween((double) Duration.ofDays(3649).toSeconds(), (double)
                            Duration.ofDays(3651).toSeconds());
            assertThat(meter("conec.channel.handshake?tag=kind:peer")).isPositive();
        }
    }

    @Test
    void callsThatWaitForTheirTurnAreSeen() throws Exception {
        ConecListenerContainer container = clientContext
                .getBean(ConecListenerEndpointRegistry.class)
                .container("echo")
                .orElseThrow();
        container.pause();
        try (ConecStream stream = bobsContext
                .getBean(ConecClient.class)
                .open("alice")
                .join()
                .openStream("echo")
                .join()) {
            stream.send("x");
            await().atMost(LIMIT)
                    .untilAsserted(
                            () -> assertThat(meter("conec.listeners.waiting")).isEqualTo(1));
            assertThat(get(clientContext, "conec").at("/listeners/0/paused").asBoolean())
                    .isTrue();
            container.resume();
            assertThat(stream.receive(LIMIT)).isPresent();
            assertThat(meter("conec.listeners.waiting")).isZero();
        } finally {
            container.resume();
        }
    }

    @Test
    void membershipsAreSeenOnBothSides() throws Exception {
        try (ConecGroup first = alice.join("news").join();
                ConecGroup second =
                        alice.join("news", GroupOptions.receiveOnly()).join()) {
            assertThat(List.of(first, second)).allMatch(ConecGroup::isJoined);
            assertThat(meter("conec.groups.joined")).isEqualTo(2);
            assertThat(meter(coordinatorContext, "conec.groups.active")).isEqualTo(1);
            assertThat(meter(coordinatorContext, "conec.groups.members")).isEqualTo(2);
        }
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(meter(coordinatorContext, "conec.groups.active"))
                        .isZero());
        assertThat(meter("conec.groups.joined")).isZero();
    }

    @Test
    void peersAreNoTags() throws Exception {
        exchange();
        for (JsonNode name : get(clientContext, "metrics").at("/names")) {
            if (name.asString().startsWith("conec.")) {
                assertThat(get(clientContext, "metrics/" + name.asString())
                                .at("/availableTags")
                                .toString())
                        .doesNotContain("alice", "bob");
            }
        }
    }

    @Test
    void theCoordinatorCountsWhatItRelays() throws Exception {
        exchange();
        assertThat(meter(coordinatorContext, "conec.relay.forwarded")).isPositive();
        assertThat(meter(coordinatorContext, "conec.relay.dropped")).isNotNegative();
    }

    @Test
    void theEndpointOfAClientShowsItsChannelsAndStreams() throws Exception {
        try (ConecStream stream = alice.open("bob").join().openStream("echo").join()) {
            stream.send("hello");
            stream.receive(LIMIT);
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(channel(get(clientContext, "conec"), "bob")
                                    .at("/path/kind")
                                    .asString())
                            .isEqualTo("DIRECT"));
            JsonNode conec = get(clientContext, "conec");
            assertThat(conec.at("/mode").asString()).isEqualTo("client");
            assertThat(conec.at("/coordinator/natMapping").asString()).isEqualTo("NONE");
            assertThat(conec.at("/name").asString()).isEqualTo("alice");
            assertThat(conec.at("/localAddress").asString()).startsWith("127.0.0.1:");
            assertThat(conec.at("/coordinator/state").asString()).isEqualTo("CONNECTED");
            assertThat(conec.at("/coordinator/host").asString()).isEqualTo("localhost");
            assertThat(conec.at("/channels").size()).isEqualTo(2);
            JsonNode channel = channel(conec, "bob");
            assertThat(channel.at("/kind").asString()).isEqualTo(ConecChannel.Kind.PEER.name());
            assertThat(channel.at("/path/kind").asString()).isEqualTo("DIRECT");
            assertThat(channel.at("/path/local").asString())
                    .isEqualTo(conec.at("/localAddress").asString());
            assertThat(channel.at("/path/remote").asString())
                    .startsWith("127.0.0.1:")
                    .isNotEqualTo(conec.at("/coordinator/address").asString());
            assertThat(Instant.parse(channel.at("/path/since").asString()))
                    .isBetween(Instant.parse(channel.at("/openedAt").asString()), Instant.now());
            assertThat(channel.at("/path/reason").asString()).isEqualTo("it answered probes");
            assertThat(channel.at("/roundTripMillis").asDouble()).isPositive();
            assertThat(channel.at("/messagesSent").asInt()).isPositive();
            assertThat(channel.at("/bytesReceived").asInt()).isGreaterThanOrEqualTo(5);
            assertThat(channel.at("/streams").findValuesAsString("name")).contains("echo");
        }
    }

    @Test
    void theEndpointOfACoordinatorShowsItsClientsAndWhatItRelayed() throws Exception {
        exchange();
        JsonNode conec = get(coordinatorContext, "conec");
        assertThat(conec.at("/mode").asString()).isEqualTo("coordinator");
        assertThat(channel(conec, "bob").at("/kind").asString()).isEqualTo(ConecChannel.Kind.COORDINATOR.name());
        assertThat(conec.at("/statistics/clients").asInt()).isEqualTo(2);
        assertThat(conec.at("/statistics/relayedBytes").asLong()).isPositive();
    }

    @Test
    void theEndpointShowsOnePeer() throws Exception {
        exchange();
        JsonNode bob = get(clientContext, "conec/bob");
        assertThat(bob.at("/peer").asString()).isEqualTo("bob");
        assertThat(bob.at("/channels").size()).isEqualTo(1);
        assertThat(bob.at("/channels/0/kind").asString()).isEqualTo("PEER");
        assertThat(send(clientContext, "GET", "conec/nobody").statusCode()).isEqualTo(404);
    }

    @Test
    void aChannelIsNotClosedUnlessThatIsAllowed() throws Exception {
        exchange();
        assertThat(send(clientContext, "DELETE", "conec/bob").statusCode()).isEqualTo(405);
        assertThat(alice.open("bob").join().closed()).isNotDone();
    }

    @Test
    void aChannelIsClosedByAnOperatorAndThePeerIsToldSo() throws Exception {
        exchange();
        ConecChannel channel = alice.open("bob").join();
        HttpResponse<String> response = send(bobsContext, "DELETE", "conec/alice");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(json.readTree(response.body()).at("/channels").asInt()).isEqualTo(1);
        CloseReason reason = channel.closed().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(reason.code()).isEqualTo(ErrorCode.CANCELLED);
        assertThat(reason.message()).isEqualTo("closed by an operator of bob");
        assertThat(reason.byPeer()).isTrue();
        exchange();
    }

    @Test
    void healthTellsUntilWhenTheCertificateIsValid() throws Exception {
        JsonNode certificate = get(clientContext, "health").at("/components/conec/details/certificate");
        assertThat(certificate.at("/validity").asString()).isEqualTo("VALID");
        assertThat(Instant.parse(certificate.at("/validUntil").asString()))
                .isEqualTo(alice.identity().certificate().getNotAfter().toInstant());
    }

    private void exchange() throws InterruptedException {
        try (ConecStream stream = alice.open("bob").join().openStream("echo").join()) {
            stream.send("hello");
            assertThat(stream.receive(LIMIT).orElseThrow().text()).isEqualTo("hello");
        }
    }

    private static JsonNode channel(JsonNode conec, String peer) {
        for (JsonNode channel : conec.at("/channels")) {
            if (channel.at("/peer").asString().equals(peer)) {
                return channel;
            }
        }
        throw new AssertionError("no channel to " + peer + " in " + conec);
    }

    private double meter(String nameAndTags) throws IOException, InterruptedException {
        return meter(clientContext, nameAndTags);
    }

    private double meter(ConfigurableApplicationContext context, String nameAndTags)
            throws IOException, InterruptedException {
        return get(context, "metrics/" + nameAndTags)
                .at("/measurements/0/value")
                .asDouble();
    }

    private JsonNode get(ConfigurableApplicationContext context, String path) throws IOException, InterruptedException {
        return json.readTree(send(context, "GET", path).body());
    }

    private HttpResponse<String> send(ConfigurableApplicationContext context, String method, String path)
            throws IOException, InterruptedException {
        URI uri = URI.create(
                "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port") + "/actuator/" + path);
        HttpRequest request = HttpRequest.newBuilder(uri)
                .method(method, HttpRequest.BodyPublishers.noBody())
                .timeout(LIMIT)
                .build();
        return http.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Application {
        @ConecChannelListener(id = "echo", stream = "echo")
        byte[] echo(byte[] message) {
            return message;
        }
    }
}
