package io.conec.client;

import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.conec.ClientId;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.coordinator.Access;
import io.conec.coordinator.AccessPolicy;
import io.conec.coordinator.AccessRequest;
import io.conec.internal.protocol.ClientHello;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.RenewCertificate;
import io.conec.security.CertificateAuthority;
import io.conec.security.Fingerprint;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.security.Validity;
import io.conec.testing.Network;
import io.conec.testing.RawClient;
import io.conec.testing.RawConnection;
import io.conec.testing.RawStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** New certificates and new trust while everything goes on. */
final class RenewalTests {
    private static final ClientId ALICE = new ClientId("alice");
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private @Nullable Network network;
    private final List<Fingerprint> introducedBy = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        if (network != null) {
            network.close();
        }
    }

    @Test
    void theCoordinatorShowsItsNewCertificateToNewConnections() {
        start();
        ConecClient alice = network().client("alice");
        ConecStream stream = echo(alice.coordinator().orElseThrow());
        Identity renewed = Identity.generateForHosts(List.of("localhost"));
        network().coordinator().replaceIdentity(renewed);

        assertThat(network().coordinator().identity()).isSameAs(renewed);
        assertAlive(stream);
        assertThat(failureOf(unstarted("bob").start()).code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
        ConecClient carol = network().client("carol", trusting(renewed));
        assertThat(get(carol.open("alice")).peer()).isEqualTo("alice");
        assertThat(alice.status().reconnects()).isZero();
    }

    @Test
    void theCoordinatorStartsAgainWithItsNewCertificate() {
        start();
        Identity renewed = Identity.generateForHosts(List.of("localhost"));
        network().coordinator().replaceIdentity(renewed);
        network().coordinator().close();
        network().coordinator().start();

        get(network().client("carol", trusting(renewed)).open("carol"));
    }

    @Test
    void aClientIsIntroducedByItsNewCertificate() {
        start();
        ConecClient alice = network().client("alice");
        ConecClient bob = network().client("bob");
        network().client("carol");
        ConecChannel older = get(alice.open("bob"));
        ConecStream stream = echo(older);
        Identity renewed = Identity.generate(ALICE);
        get(alice.replaceIdentity(renewed));

        assertThat(alice.identity()).isSameAs(renewed);
        assertAlive(stream);
        assertThat(get(alice.open("carol")).peer()).isEqualTo("carol");
        assertThat(introducedBy).endsWith(renewed.fingerprint());
        ConecClient dave = network().client("dave");
        assertThat(get(dave.open("alice")).peer()).isEqualTo("alice");
        assertThat(alice.status().reconnects()).isZero();
        assertThat(get(bob.open("alice"))).as("the channel that there was").isNotNull();
        assertThat(older.closed()).isNotDone();
        assertThat(network().coordinator().statistics().refused()).isZero();
    }

    @Test
    void theCoordinatorKnowsTheOldCertificateNoMore() {
        start();
        Identity old = Identity.generate(ALICE);
        ConecClient alice = network().client("alice", builder -> builder.identity(old));
        Identity renewed = Identity.generate(ALICE);
        get(alice.replaceIdentity(renewed));
        get(network().coordinator().revoke(old.fingerprint()));
        assertThat(alice.status().state()).isEqualTo(ClientStatus.State.CONNECTED);
        assertThat(alice.status().reconnects()).isZero();
        try (ConecClient thief = network().unstartedClient("alice", builder -> builder.identity(old))) {
            assertThat(failureOf(thief.start()).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        }
        get(network().coordinator().revoke(renewed.fingerprint()));
        await().until(() -> alice.status().state() != ClientStatus.State.CONNECTED);
    }

    @Test
    void nobodyNoticesRenewalsWhileChannelsAreOpened() throws Exception {
        start();
        ConecClient alice = network().client("alice");
        ConecClient bob = network().client("bob");
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Integer> asking = CompletableFuture.supplyAsync(() -> openAndClose(alice, "bob", over));
        Identity key = Identity.generate(new ClientId("other"));
        CompletableFuture<Integer> asked = CompletableFuture.supplyAsync(() -> {
            int opened = 0;
            while (!over.get()) {
                try (ConecClient other = network().unstartedClient("other", builder -> builder.identity(key))) {
                    get(other.start());
                    get(other.open("alice"));
                    opened++;
                }
            }
            return opened;
        });
        for (int i = 0; i < 20; i++) {
            get(alice.replaceIdentity(Identity.generate(ALICE)));
        }
        over.set(true);

        assertThat(get(asking)).isPositive();
        assertThat(get(asked)).isPositive();
        assertThat(bob.status().reconnects()).isZero();
        assertThat(alice.status().reconnects()).isZero();
    }

    private static int openAndClose(ConecClient from, String to, AtomicBoolean over) {
        int opened = 0;
        while (!over.get()) {
            ConecChannel channel = get(from.open(to));
            channel.close();
            get(channel.closed());
            opened++;
        }
        return opened;
    }

    @Test
    void aClientWithoutALinkShowsItsNewCertificateInTheNextOne() {
        start();
        Identity renewed = Identity.generate(ALICE);
        ConecClient alice = unstarted("alice");
        get(alice.replaceIdentity(renewed));
        get(alice.start());
        network().client("bob");
        get(alice.open("bob"));

        assertThat(introducedBy).containsExactly(renewed.fingerprint());
    }

    @Test
    void keepsTheOldCertificateIfTheCoordinatorDoesNotTakeTheNewOne() {
        CertificateAuthority authority = CertificateAuthority.create("clients");
        Trust trust = Trust.certificates(List.of(authority.certificate()));
        network = Network.start(transport -> transport, coordinator -> coordinator.clientTrust(trust));
        ConecClient alice = network()
                .client(
                        "alice",
                        builder ->
                                builder.identity(authority.issueClient(ALICE)).peerTrust(trust));
        network()
                .client(
                        "bob",
                        builder -> builder.identity(authority.issueClient(new ClientId("bob")))
                                .peerTrust(trust));
        ConecException refusal = failureOf(alice.replaceIdentity(Identity.generate(ALICE)));

        assertThat(refusal.code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
        assertThat(get(alice.open("bob")).peer()).isEqualTo("bob");
        assertThat(alice.status().reconnects()).isZero();
        Identity issued = authority.issueClient(ALICE);
        get(alice.replaceIdentity(issued));
        assertThat(alice.identity()).isSameAs(issued);
    }

    @Test
    void aNewCertificateHasToNameTheClientAndHoldNow() {
        start();
        ConecClient alice = network().client("alice");
        Validity past = new Validity(
                Instant.now().minus(Duration.ofDays(3)), Instant.now().minus(Duration.ofDays(1)));

        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> alice.replaceIdentity(Identity.generate(new ClientId("bob"))))
                .matches(e -> e.code() == ErrorCode.CERTIFICATE_NAME_MISMATCH);
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> alice.replaceIdentity(Identity.generate(ALICE, past)))
                .matches(e -> e.code() == ErrorCode.CERTIFICATE_EXPIRED);
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() ->
                        network().coordinator().replaceIdentity(Identity.generateForHosts(List.of("localhost"), past)))
                .matches(e -> e.code() == ErrorCode.CERTIFICATE_EXPIRED);
    }

    @Test
    void takesNoCertificateThatTheClientHasNotAskedToRenew() throws Exception {
        start();
        ConecClient alice = network().client("alice");
        Identity thief = Identity.generate(ALICE);
        try (RawClient raw = new RawClient()) {
            RawConnection forged = connect(raw, thief);
            renew(forged, ByteString.copyFrom(new byte[32]));
            assertThat(forged.awaitClose().code()).isEqualTo(ErrorCode.ID_IN_USE);
        }
        assertThat(alice.status().reconnects()).isZero();
        ConecClient bob = network().client("bob");
        assertThat(get(bob.open("alice")).peer()).isEqualTo("alice");
    }

    @Test
    void aTokenIsGoodForOneConnectionAndTheLastOneCounts() throws Exception {
        start();
        try (RawClient raw = new RawClient()) {
            RawConnection link = connect(raw, Identity.generate(ALICE));
            RawStream control = link.register("alice");
            ByteString first = token(control);
            ByteString second = token(control);
            assertThat(second.size()).isEqualTo(32);
            assertThat(second.equals(first)).isFalse();
            RawConnection early = connect(raw, Identity.generate(ALICE));
            renew(early, first);
            assertThat(early.awaitClose().code()).isEqualTo(ErrorCode.ID_IN_USE);

            RawConnection good = connect(raw, Identity.generate(ALICE));
            renew(good, second);
            assertThat(good.awaitClose().code()).isEqualTo(ErrorCode.NO_ERROR);
            control.next(Control.KindCase.CERTIFICATE_RENEWED);

            RawConnection late = connect(raw, Identity.generate(ALICE));
            renew(late, second);
            assertThat(late.awaitClose().code()).isEqualTo(ErrorCode.ID_IN_USE);
            assertThat(link.isOpen()).isTrue();
        }
    }

    @Test
    void aNewCertificateHasToNameTheIdThatItRenews() throws Exception {
        start();
        try (RawClient raw = new RawClient()) {
            RawConnection link = connect(raw, Identity.generate(ALICE));
            ByteString token = token(link.register("alice"));
            RawConnection other = connect(raw, Identity.generate(new ClientId("mallory")));
            renew(other, token);

            assertThat(other.awaitClose().code()).isEqualTo(ErrorCode.CERTIFICATE_NAME_MISMATCH);
            assertThat(link.isOpen()).isTrue();
        }
    }

    @Test
    void newTrustIsForNewConnections() {
        CertificateAuthority before = CertificateAuthority.create("before");
        CertificateAuthority after = CertificateAuthority.create("after");
        network = Network.start(
                transport -> transport,
                coordinator -> coordinator.clientTrust(Trust.certificates(List.of(before.certificate()))));
        ConecClient alice = network().client("alice", builder -> builder.identity(before.issueClient(ALICE)));
        ConecStream stream = echo(alice.coordinator().orElseThrow());
        network().coordinator().replaceClientTrust(Trust.certificates(List.of(after.certificate())));

        assertAlive(stream);
        assertThat(failureOf(unstarted("bob", before).start()).code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
        get(unstarted("carol", after).start());
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> network().coordinator().replaceClientTrust(Trust.system()))
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION);
    }

    @Test
    void aClientTakesNewTrustForPeersAndCoordinators() {
        CertificateAuthority authority = CertificateAuthority.create("peers");
        Trust peers = Trust.certificates(List.of(authority.certificate()));
        start();
        ConecClient alice = network().client("alice");
        network().client("bob");
        ConecChannel toBob = get(alice.open("bob"));
        alice.replacePeerTrust(peers);
        network().client("carol");

        assertThat(toBob.closed()).isNotDone();
        assertThat(failureOf(alice.open("carol")).code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
        Identity renewed = Identity.generateForHosts(List.of("localhost"));
        alice.replaceCoordinatorTrust(Trust.pinned(renewed.fingerprint()));
        network().coordinator().replaceIdentity(renewed);
        get(network().coordinator().revoke(ALICE));
        await().until(() -> alice.status().state() != ClientStatus.State.CONNECTED);
        network().coordinator().reinstate(ALICE);
        await().until(() -> alice.status().reconnects() == 1);
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> alice.replaceCoordinatorTrust(Trust.selfSigned()))
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION);
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> alice.replacePeerTrust(Trust.system()))
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION);
    }

    private void start() {
        network = Network.start(
                transport -> transport,
                coordinator -> coordinator
                        .introductionsPerSecond(100_000)
                        .access(new AccessPolicy(
                                List.of(),
                                request -> {
                                    if (request instanceof AccessRequest.Introduce) {
                                        introducedBy.add(
                                                Fingerprint.of(request.from().certificate()));
                                    }
                                    return Optional.of(Access.ALLOW);
                                },
                                Access.DENY)));
    }

    private Network network() {
        Network started = network;
        if (started == null) {
            throw new IllegalStateException("not started");
        }
        return started;
    }

    private ConecClient unstarted(String id) {
        return network().unstartedClient(id, builder -> builder);
    }

    private ConecClient unstarted(String id, CertificateAuthority authority) {
        return network().unstartedClient(id, builder -> builder.identity(authority.issueClient(new ClientId(id))));
    }

    private static UnaryOperator<ClientConfig.Builder> trusting(Identity coordinator) {
        return builder -> builder.coordinatorTrust(Trust.pinned(coordinator.fingerprint()));
    }

    private RawConnection connect(RawClient raw, Identity identity) throws InterruptedException {
        return raw.connect(
                network().coordinator().localAddress(),
                Trust.pinned(network().coordinator().identity().fingerprint()),
                identity);
    }

    private static ByteString token(RawStream control) throws Exception {
        control.frame(Control.newBuilder()
                .setRenewCertificate(RenewCertificate.getDefaultInstance())
                .build());
        return control.next(Control.KindCase.RENEWAL_TOKEN).getRenewalToken().getToken();
    }

    private static void renew(RawConnection by, ByteString token) throws InterruptedException {
        by.openStream()
                .frame(Control.newBuilder()
                        .setClientHello(ClientHello.newBuilder()
                                .setVersion(Protocol.version())
                                .setClientId("alice")
                                .setRenewalToken(token))
                        .build());
    }

    /** A stream on which the other side answers. */
    private ConecStream echo(ConecChannel channel) {
        List<io.conec.ConecParty> parties = new ArrayList<>(List.of(network().coordinator()));
        if (channel.kind() == ConecChannel.Kind.PEER) {
            parties.add(network().client(channel.peer()));
        }
        parties.forEach(party -> party.onStream("echo", stream -> {
            for (var message = stream.receive(); message.isPresent(); message = stream.receive()) {
                stream.send(message.get());
            }
        }));
        return get(channel.openStream("echo"));
    }

    private static void assertAlive(ConecStream echo) {
        get(echo.send("still there?"));
        try {
            assertThat(echo.receive(PATIENCE).orElseThrow().text()).isEqualTo("still there?");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
