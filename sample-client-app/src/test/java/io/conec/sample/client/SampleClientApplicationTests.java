package io.conec.sample.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.conec.ConecException;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.security.Identity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** Two of the application, alice and bob, and a coordinator, through real sockets. */
@ExtendWith(OutputCaptureExtension.class)
final class SampleClientApplicationTests {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Of {@code "hello"}. */
    private static final String SHA_256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    @TempDir
    private static Path directory;

    private static ConecCoordinator coordinator;
    private static ConfigurableApplicationContext alice;
    private static ConfigurableApplicationContext bob;

    @BeforeAll
    static void start() throws IOException {
        Files.createDirectories(directory.resolve("received-by-bob"));
        coordinator = new ConecCoordinator(CoordinatorConfig.builder(Identity.generateForHosts(List.of("localhost")))
                .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .build());
        coordinator.onStream("about", stream -> {
            stream.send("""
                    {"name": "localhost", "startedAt": "2026-01-01T00:00:00Z", "clients": 2, "more": true}""");
            stream.close();
        });
        coordinator.start();
        alice = client("alice");
        bob = client("bob");
    }

    @AfterAll
    static void stop() {
        bob.close();
        alice.close();
        coordinator.close();
    }

    @ParameterizedTest
    @CsvSource({"empty.txt, 0", "one byte, 1", "päckchen (2).bin, 3000001"})
    void aFileArrivesUnchangedUnderItsName(String name, int size, CapturedOutput output) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        Path file = Files.write(directory.resolve(name), content);
        type("/send bob " + file);
        assertThat(receivedByBob(name)).hasBinaryContent(content);
        assertThat(output).contains("bob has " + name + ": ok ").contains(name + " 100 %");
    }

    @Test
    void aFileReplacesThatOfItsSender() throws IOException {
        Path file = directory.resolve("twice.txt");
        for (String content : List.of("first", "second")) {
            Files.writeString(file, content);
            type("/send bob " + file);
            assertThat(receivedByBob("twice.txt")).hasContent(content);
        }
    }

    @Test
    void aFileWithAnotherHashIsRefusedAndNothingIsKept() throws Exception {
        assertThat(offer(Map.of("name", "forged.txt"), "hullo")).isEqualTo(ErrorCode.REFUSED);
        assertThat(keptByBob()).noneMatch(name -> name.contains("forged") || name.endsWith(".part"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello, world", "hell"})
    void moreOrFewerBytesThanAnnouncedAreRefused(String content) throws Exception {
        assertThat(offer(Map.of("name", "wrong-size.txt"), content)).isEqualTo(ErrorCode.REFUSED);
        assertThat(keptByBob()).noneMatch(name -> name.contains("wrong-size") || name.endsWith(".part"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "../escaped.txt",
                "a/../../escaped.txt",
                "/tmp/escaped.txt",
                "..\\escaped.txt",
                "C:escaped.txt",
                ".profile",
                "escaped\0.txt",
                "escaped\n.txt"
            })
    void aNameThatIsMoreThanANameIsRefused(String name) throws Exception {
        assertThat(offer(Map.of("name", name), "hello")).isEqualTo(ErrorCode.REFUSED);
        try (Stream<Path> all = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
            assertThat(all).noneMatch(path -> path.toString().contains("escaped"));
        }
    }

    @ParameterizedTest
    @CsvSource({"size, 10000001", "size, -1", "size, five", "sha-256, 2cf2", "sha-256, ''"})
    void anOfferThatMakesNoSenseOrIsTooLargeIsRefused(String header, String value) throws Exception {
        assertThat(offer(Map.of("name", "senseless.txt", header, value), "hello"))
                .isEqualTo(ErrorCode.REFUSED);
        assertThat(keptByBob()).noneMatch(name -> name.contains("senseless"));
    }

    @Test
    void theOfferThatTheRefusedOnesAreMadeFromIsAccepted() throws Exception {
        try (ConecStream stream = stream(Map.of("name", "plain.txt"))) {
            stream.send("hello");
            stream.finish();
            assertThat(stream.receive(LIMIT).orElseThrow().text()).isEqualTo("ok " + SHA_256);
        }
        assertThat(receivedByBob("plain.txt")).hasContent("hello");
    }

    @Test
    void chatLinesAreShownAndAnsweredBothWays(CapturedOutput output) {
        type("bob: hello: bob");
        type(bob, "alice: hello yourself");
        assertThat(output)
                .contains("alice: hello: bob", "(seen by bob)")
                .contains("bob: hello yourself", "(seen by alice)");
    }

    @Test
    void controlCharactersOfAPeerDoNotReachTheTerminal(CapturedOutput output) {
        type("bob: \u001b[2Jgone?");
        assertThat(output).contains("alice: ?[2Jgone?").doesNotContain("\u001b[2J");
    }

    @Test
    void whoIsThereIsKnownAndTold(CapturedOutput output) {
        type("/who");
        assertThat(output).contains("bob {user=" + System.getProperty("user.name") + "}");
        try (ConfigurableApplicationContext erin = client("erin")) {
            await().atMost(LIMIT).untilAsserted(() -> assertThat(output).contains("erin joined"));
            assertThat(erin.isRunning()).isTrue();
        }
        await().atMost(LIMIT).untilAsserted(() -> assertThat(output).contains("erin left"));
    }

    @Test
    void whatIsSaidInTheLobbyReachesEverybodyElse(CapturedOutput output) {
        await().atMost(LIMIT)
                .until(() -> coordinator.hostedGroups().stream()
                        .anyMatch(group -> group.name().equals("lobby") && group.receivers() == 2));
        type("/all hello, lobby");
        await().atMost(LIMIT).untilAsserted(() -> assertThat(output).contains("[lobby] alice: hello, lobby"));
        assertThat(output).containsOnlyOnce("[lobby] alice: hello, lobby").contains("(said in the lobby)");
    }

    @Test
    void theCoordinatorIsAskedAboutItself(CapturedOutput output) {
        type("/coordinator");
        assertThat(output).contains("localhost has 2 clients, and runs since 2026-01-01T00:00:00Z");
    }

    @Test
    void whatGoesWrongIsSaidAndTheNextCommandWorks(CapturedOutput output) {
        boolean quit = type("""
                /send bob %s
                carol: are you there?
                what?

                bob: still here
                """.formatted(directory.resolve("missing.txt")));
        assertThat(quit).isFalse();
        assertThat(output)
                .contains("Failed: java.nio.file.NoSuchFileException", "missing.txt")
                .contains("Failed: ConecException[UNKNOWN_PEER]")
                .contains("/send PEER FILE")
                .contains("alice: still here", "(seen by bob)");
    }

    @Test
    void quitIsTheLastCommand(CapturedOutput output) {
        assertThat(type("/quit\nbob: too late")).isTrue();
        assertThat(output).doesNotContain("too late");
    }

    @Test
    void theActuatorTellsThePathToAPeer() throws Exception {
        type("bob: hello");
        assertThat(get("health/conec")).contains("\"status\":\"UP\"", "\"state\":\"CONNECTED\"");
        assertThat(get("conec"))
                .contains("\"peer\":\"alice\"")
                .containsAnyOf("\"kind\":\"RELAYED\"", "\"kind\":\"DIRECT\"");
    }

    @Test
    void aPeerThatIsReachedOnAnotherPathIsSaid(CapturedOutput output) {
        try (ConfigurableApplicationContext dave = client("dave")) {
            type(dave, "bob: hello");
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(output)
                            .contains(
                                    "Path to bob: DIRECT by 127.0.0.1 port ",
                                    "Path to dave: DIRECT by 127.0.0.1 port "));
        }
    }

    private static ConfigurableApplicationContext client(String id) {
        return new SpringApplicationBuilder(SampleClientApplication.class)
                .run(
                        "--conec.client.id=" + id,
                        "--conec.client.fail-fast=true",
                        "--conec.client.bind-address=127.0.0.1",
                        "--conec.client.coordinator.address=127.0.0.1",
                        "--conec.client.coordinator.port="
                                + coordinator.localAddress().getPort(),
                        "--conec.client.coordinator.certificate-fingerprint="
                                + coordinator.config().identity().fingerprint().value(),
                        "--sample.files.directory=" + directory.resolve("received-by-" + id),
                        "--sample.files.max-size=10000000B");
    }

    private static boolean type(String lines) {
        return type(alice, lines);
    }

    private static boolean type(ConfigurableApplicationContext client, String lines) {
        return client.getBean(Commands.class).read(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
    }

    /** Offers "hello" to bob, except for these headers, and sends that content; returns what bob resets it with. */
    private static ErrorCode offer(Map<String, String> headers, String content) {
        // A reset that comes at once ends openStream already.
        Throwable refusal = catchThrowable(() -> {
            try (ConecStream stream = stream(headers)) {
                stream.send(content);
                stream.finish();
                stream.receive(LIMIT);
            }
        });
        Throwable cause = refusal instanceof CompletionException ? refusal.getCause() : refusal;
        assertThat(cause).isInstanceOf(ConecException.class);
        return ((ConecException) cause).code();
    }

    private static ConecStream stream(Map<String, String> headers) {
        Map<String, String> all = new HashMap<>(Map.of("size", "5", "sha-256", SHA_256));
        all.putAll(headers);
        return alice.getBean(ConecClient.class)
                .open("bob")
                .join()
                .openStream("file", all)
                .join();
    }

    private static Path receivedByBob(String name) {
        return directory.resolve("received-by-bob").resolve("alice").resolve(name);
    }

    private static List<String> keptByBob() throws IOException {
        try (Stream<Path> all = Files.walk(directory.resolve("received-by-bob"))) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }

    private static String get(String endpoint) throws Exception {
        URI uri = URI.create(
                "http://127.0.0.1:" + bob.getEnvironment().getProperty("local.server.port") + "/actuator/" + endpoint);
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).timeout(LIMIT).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }
}
