package io.conec.client;

import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ClientId;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.internal.protocol.ChannelAnswer;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.Introduction;
import io.conec.internal.protocol.OpenChannel;
import io.conec.security.CertificateAuthority;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.BackgroundPair;
import io.conec.testing.LyingCoordinator;
import io.conec.testing.Network;
import io.conec.testing.RawClient;
import io.conec.testing.RawConnection;
import io.conec.testing.RawStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A peer has to be the one that was introduced, and the one that was introduced has to be the one that was asked for. */
final class PeerVerificationTests {
    private static final ClientId BOB = new ClientId("bob");
    private static final long HANDLE = 0x1234_5678_9abc_def0L;

    @Test
    void refusesAPeerThatDialsWithAnotherCertificateThanTheIntroducedOne() throws Exception {
        try (Network network = Network.start();
                BackgroundPair pair = BackgroundPair.start(network);
                RawClient impostor = new RawClient()) {
            ConecClient alice = network.client("alice");
            List<ConecEvent> events = events(alice);
            long handle = askForAlice(network, impostor);

            RawConnection connection = impostor.dialPeer(handle, Identity.generate(BOB));
            assertThat(connection.awaitClose().tlsAlert()).isEqualTo(42);
            assertThat(events).noneMatch(ConecEvent.ChannelOpened.class::isInstance);
            assertThat(alice.channels()).hasSize(1);
            pair.assertUndisturbed();
        }
    }

    @Test
    void forgetsAnIntroducedPeerThatDoesNotConnect() throws Exception {
        try (Network network = Network.start(transport -> transport.handshakeTimeout(Duration.ofSeconds(2)));
                BackgroundPair pair = BackgroundPair.start(network);
                RawClient silent = new RawClient()) {
            network.client("alice");
            askForAlice(network, silent);
            // The pair's and this one.
            await().until(() -> network.coordinator().statistics().relayedChannels() == 2);

            await().until(() -> network.coordinator().statistics().relayedChannels() == 1);
            pair.assertUndisturbed();
        }
    }

    @Test
    void believesNoCoordinatorThatIntroducesSomebodyElse() {
        Identity mallory = Identity.generate(new ClientId("mallory"));
        try (LyingCoordinator liar = new LyingCoordinator((link, message) -> answer(link, message, mallory));
                ConecClient alice = client(liar, "alice", builder -> builder)) {
            get(alice.start());

            ConecException failure = failureOf(alice.open("bob"));
            assertThat(failure.code()).isEqualTo(ErrorCode.CERTIFICATE_NAME_MISMATCH);
            assertThat(failure).hasMessageContaining("mallory").hasMessageContaining("bob");
            assertThat(alice.coordinator()).isPresent();
        }
    }

    @Test
    void believesNoPeerThatHasAnotherCertificateThanTheCoordinatorSays() {
        Identity introduced = Identity.generate(BOB);
        Identity aliceIdentity = Identity.generate(new ClientId("alice"));
        try (LyingCoordinator liar = new LyingCoordinator((link, message) -> answer(link, message, introduced));
                ConecClient alice = client(liar, "alice", builder -> builder.identity(aliceIdentity));
                ConecClient bob = client(liar, "bob", builder -> builder)) {
            get(alice.start());
            get(bob.start());
            List<ConecEvent> events = events(bob);
            introduceAliceToBob(liar, aliceIdentity);

            ConecException failure = failureOf(alice.open("bob"));
            assertThat(failure.code()).isEqualTo(ErrorCode.CERTIFICATE_MISMATCH);
            assertThat(failure)
                    .hasMessageContaining("another certificate than the one that the coordinator introduced");
            assertThat(alice.channels()).hasSize(1);
            assertThat(events).noneMatch(ConecEvent.ChannelOpened.class::isInstance);
        }
    }

    @Test
    void believesNoPeerOfAnotherAuthorityWhateverTheCoordinatorSays() {
        CertificateAuthority authority = CertificateAuthority.create("for clients");
        Trust trust = Trust.certificates(List.of(authority.certificate()));
        Identity aliceIdentity = Identity.generate(new ClientId("alice"));
        Identity bobIdentity = Identity.generate(BOB);
        try (LyingCoordinator liar = new LyingCoordinator((link, message) -> answer(link, message, bobIdentity));
                ConecClient alice = client(
                        liar,
                        "alice",
                        builder -> builder.identity(aliceIdentity).peerTrust(trust));
                ConecClient bob = client(liar, "bob", builder -> builder.identity(bobIdentity))) {
            get(alice.start());
            get(bob.start());
            introduceAliceToBob(liar, aliceIdentity);

            assertThat(failureOf(alice.open("bob")).code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
            assertThat(alice.channels()).hasSize(1);
        }
    }

    @Test
    void opensAChannelIfTheCoordinatorSaysTheTruth() {
        Identity aliceIdentity = Identity.generate(new ClientId("alice"));
        Identity bobIdentity = Identity.generate(BOB);
        try (LyingCoordinator honest = new LyingCoordinator((link, message) -> answer(link, message, bobIdentity));
                ConecClient alice = client(honest, "alice", builder -> builder.identity(aliceIdentity));
                ConecClient bob = client(honest, "bob", builder -> builder.identity(bobIdentity))) {
            get(alice.start());
            get(bob.start());
            introduceAliceToBob(honest, aliceIdentity);

            assertThat(get(alice.open("bob")).peer()).isEqualTo("bob");
        }
    }

    private static List<ConecEvent> events(ConecClient client) {
        List<ConecEvent> events = new CopyOnWriteArrayList<>();
        client.onEvent(events::add);
        return events;
    }

    /** Registers as bob and asks for alice; returns the relay handle. */
    private static long askForAlice(Network network, RawClient client) throws Exception {
        RawStream control = client.connect(
                        network.coordinator().localAddress(),
                        Trust.pinned(network.coordinator().config().identity().fingerprint()),
                        Identity.generate(BOB))
                .register("bob");
        control.frame(Control.newBuilder()
                .setOpenChannel(OpenChannel.newBuilder().setRequest(1).setPeer("alice"))
                .build());
        ChannelAnswer answer = control.next(Control.KindCase.CHANNEL_ANSWER).getChannelAnswer();
        assertThat(answer.getCode()).isZero();
        return answer.getRelayHandle();
    }

    /** Answers whoever asks for whomever: here is its certificate. */
    private static void answer(LyingCoordinator.Link link, Control message, Identity peer) {
        if (message.hasOpenChannel()) {
            link.owns(HANDLE)
                    .send(Control.newBuilder()
                            .setChannelAnswer(ChannelAnswer.newBuilder()
                                    .setRequest(message.getOpenChannel().getRequest())
                                    .setIntroduction(1)
                                    .setCertificate(LyingCoordinator.der(peer))
                                    .setRelayHandle(HANDLE)));
        }
    }

    private static void introduceAliceToBob(LyingCoordinator coordinator, Identity alice) {
        coordinator
                .link("bob")
                .owns(HANDLE ^ 1)
                .send(Control.newBuilder()
                        .setIntroduction(Introduction.newBuilder()
                                .setIntroduction(1)
                                .setPeer("alice")
                                .setCertificate(LyingCoordinator.der(alice))
                                .setRelayHandle(HANDLE ^ 1)));
    }

    private static ConecClient client(
            LyingCoordinator coordinator, String id, UnaryOperator<ClientConfig.Builder> customizer) {
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new ConecClient(customizer
                .apply(ClientConfig.builder(id, "localhost")
                        .coordinatorAddress("127.0.0.1")
                        .coordinatorPort(coordinator.address().getPort())
                        .coordinatorTrust(coordinator.trust())
                        .bindAddress(loopback))
                .build());
    }
}
