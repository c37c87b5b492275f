package io.conec.coordinator;

import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ClientId;
import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.Registration;
import io.conec.client.ClientStatus;
import io.conec.client.ConecClient;
import io.conec.client.ReconnectPolicy;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.BackgroundPair;
import io.conec.testing.LogLines;
import io.conec.testing.Network;
import io.conec.testing.RawClient;
import io.conec.testing.RawConnection;
import io.conec.testing.UdpForwarder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Who gets an id, who gets a channel, and how many. */
final class RegistrationTests {
    private static Network network;
    private static BackgroundPair pair;

    @BeforeAll
    static void connectTheOthers() {
        network = Network.start();
        pair = BackgroundPair.start(network);
    }

    @AfterAll
    static void disconnectTheOthers() {
        pair.close();
        network.close();
    }

    @AfterEach
    void theOthersAreUndisturbed() {
        pair.assertUndisturbed();
    }

    @Test
    void keepsAnIdForTheKeyThatHoldsIt() {
        try (ConecClient thief = network.unstartedClient("near", builder -> builder)) {
            ConecException refusal = failureOf(thief.start());

            assertThat(refusal.code()).isEqualTo(ErrorCode.ID_IN_USE);
            assertThat(refusal).hasMessageContaining("\"near\" is in use by a client with another key");
            assertThat(failureOf(thief.open("far")).code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        }
    }

    @Test
    void givesAnIdFreeWhenItsHolderLeaves() {
        network.client("guest").close();

        try (ConecClient next = network.unstartedClient("guest", builder -> builder)) {
            await().until(() -> network.coordinator().client("guest").isEmpty());
            get(next.start());
        }
    }

    @Test
    void hearsThatAClientLeavesBeforeQuicForgetsIt() {
        AtomicReference<ConecChannel> link = new AtomicReference<>();
        List<Boolean> remembered = new CopyOnWriteArrayList<>();
        Registration listening = network.coordinator().onEvent(event -> {
            if (event instanceof ConecEvent.ClientLeft left
                    && left.client().id().equals("guest")) {
                remembered.add(network.coordinator().channels().contains(link.get()));
            }
        });
        try (UdpForwarder far = new UdpForwarder(network.coordinator().localAddress())) {
            // QUIC remembers a closed connection for three probe timeouts, each longer than a round trip.
            far.delay(Duration.ofMillis(200));
            ConecClient guest = network.client(
                    "guest", builder -> builder.coordinatorPort(far.address().getPort()));
            link.set(network.coordinator().client("guest").orElseThrow());
            guest.close();

            await().untilAsserted(() -> assertThat(remembered).containsExactly(true));
            assertThat(get(link.get().closed()).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        } finally {
            listening.close();
        }
    }

    @Test
    void letsTheSameKeyTakeItsIdOver() {
        Identity identity = Identity.generate(new ClientId("twice"));
        ReconnectPolicy patient = new ReconnectPolicy(Duration.ofMillis(20), Duration.ofMinutes(5), 2, 0);
        try (ConecClient older = network.client(
                        "twice", builder -> builder.identity(identity).reconnect(patient));
                ConecClient newer = network.unstartedClient("twice", builder -> builder.identity(identity))) {
            List<ConecEvent> events = new CopyOnWriteArrayList<>();
            older.onEvent(events::add);
            get(newer.start());

            await().untilAsserted(() -> assertThat(events)
                    .filteredOn(ConecEvent.Disconnected.class::isInstance)
                    .singleElement()
                    .satisfies(event -> {
                        ConecEvent.Disconnected disconnected = (ConecEvent.Disconnected) event;
                        assertThat(disconnected.reason().code()).isEqualTo(ErrorCode.REPLACED);
                        assertThat(disconnected.retryIn()).isEqualTo(patient.maxDelay());
                    }));
            assertThat(older.status().state()).isEqualTo(ClientStatus.State.WAITING);
            assertThat(newer.status().state()).isEqualTo(ClientStatus.State.CONNECTED);
            assertThat(network.coordinator().client("twice")).isPresent();
        }
    }

    static List<String> invalidIds() {
        return List.of("", "near\nadmin has registered", "\u0000", "a".repeat(300), "UPPER", "a..b", "-a", "\u202egnp");
    }

    @ParameterizedTest
    @MethodSource("invalidIds")
    void refusesAnIdThatIsNone(String id) throws Exception {
        try (LogLines log = LogLines.collect();
                RawClient client = new RawClient()) {
            RawConnection connection = connect(client, Identity.generate(new ClientId("mallory")));
            connection.hello(id);

            assertThat(connection.awaitClose().code()).isEqualTo(ErrorCode.INVALID_ID);
            await().untilAsserted(() ->
                    assertThat(log.all()).anySatisfy(line -> assertThat(line).contains("INVALID_ID")));
            assertThat(log.all()).allSatisfy(line -> assertThat(line).matches("[ -~]*"));
        }
    }

    @Test
    void refusesAnIdThatTheCertificateDoesNotName() throws Exception {
        try (RawClient client = new RawClient()) {
            RawConnection connection = connect(client, Identity.generate(new ClientId("mallory")));
            connection.hello("trent");

            assertThat(connection.awaitClose().code()).isEqualTo(ErrorCode.CERTIFICATE_NAME_MISMATCH);
            assertThat(connection.awaitClose().reason()).contains("mallory").contains("trent");
        }
    }

    @Test
    void knowsNoPeerThatIsNotConnected() {
        ConecException failure = failureOf(network.client("near").open("nobody"));

        assertThat(failure.code()).isEqualTo(ErrorCode.UNKNOWN_PEER);
        assertThat(failure).hasMessageContaining("\"nobody\"");
    }

    @Test
    void tellsThatAPeerRefuses() {
        try (ConecClient hermit = network.client(
                "hermit", builder -> builder.acceptsPeer(peer -> !peer.value().equals("near")))) {
            ConecException failure = failureOf(network.client("near").open("hermit"));

            assertThat(failure.code()).isEqualTo(ErrorCode.REFUSED);
            assertThat(failure).hasMessageContaining("\"hermit\" accepts no channel from \"near\"");
            assertThat(get(network.client("far").open("hermit")).peer()).isEqualTo("hermit");
            assertThat(hermit.status().state()).isEqualTo(ClientStatus.State.CONNECTED);
        }
    }

    static List<Runnable> bugs() {
        return List.of(
                () -> {
                    throw new IllegalStateException("a bug of the application's");
                },
                () -> {
                    throw new NoClassDefFoundError("a bug of the application's");
                });
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void refusesAPeerWhenThePredicateFails(Runnable bug) {
        try (ConecClient broken = network.client(
                "broken",
                builder -> builder.acceptsPeer(peer -> {
                    bug.run();
                    return true;
                }))) {
            ConecException failure = failureOf(network.client("near").open("broken"));

            assertThat(failure.code()).isEqualTo(ErrorCode.REFUSED);
            assertThat(failure.getMessage()).doesNotContain("bug");
            assertThat(broken.status().state()).isEqualTo(ClientStatus.State.CONNECTED);
        }
    }

    private static RawConnection connect(RawClient client, Identity identity) throws InterruptedException {
        return client.connect(
                network.coordinator().localAddress(),
                Trust.pinned(network.coordinator().config().identity().fingerprint()),
                identity);
    }
}
