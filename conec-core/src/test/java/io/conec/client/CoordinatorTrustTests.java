package io.conec.client;

import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ClientId;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.security.CertificateAuthority;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.security.Validity;
import io.conec.testing.LyingCoordinator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which coordinators a client believes, and with which certificates of their own neither of them starts. */
final class CoordinatorTrustTests {
    private static final InetSocketAddress FREE_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final Validity PAST =
            new Validity(Instant.now().minus(Duration.ofDays(3)), Instant.now().minus(Duration.ofDays(1)));
    private static final Validity FUTURE =
            new Validity(Instant.now().plus(Duration.ofDays(1)), Instant.now().plus(Duration.ofDays(3)));

    private static final CertificateAuthority authority = CertificateAuthority.create("test authority");
    private static final Trust authorities = Trust.certificates(List.of(authority.certificate()));
    /** One for all: the coordinator may not have noticed yet that the client of the test before has left. */
    private static final Identity alice = Identity.generate(new ClientId("alice"));

    private static ConecCoordinator coordinator;
    private static ConecClient witness;
    private static ConecChannel channel;

    @BeforeAll
    static void start() {
        coordinator = new ConecCoordinator(
                CoordinatorConfig.builder(authority.issueCoordinator(List.of("localhost", "127.0.0.1")))
                        .bindAddress(FREE_PORT)
                        .build());
        coordinator.start();
        witness = new ConecClient(config("witness", "localhost", authorities, coordinator.localAddress())
                .build());
        witness.onStream("echo", ConecStream::close);
        get(witness.start());
        channel = get(witness.open("witness"));
    }

    @AfterEach
    void theOthersAreUndisturbed() {
        assertThat(get(witness.open("witness"))).isSameAs(channel);
        assertThat(get(channel.openStream("echo"))).isNotNull();
        assertThat(witness.status().reconnects()).isZero();
    }

    @AfterAll
    static void stop() {
        witness.close();
        coordinator.close();
    }

    @Test
    void believesAnAuthoritysCoordinatorByNameAndByAddress() {
        for (String host : List.of("localhost", "127.0.0.1")) {
            try (ConecClient client = client(host, authorities, coordinator.localAddress())) {
                get(client.start());
                assertThat(client.coordinator().orElseThrow().peer()).isEqualTo(host);
            }
        }
    }

    @Test
    void believesAPin() {
        Trust pin = Trust.pinned(coordinator.config().identity().fingerprint());
        try (ConecClient client = client("elsewhere.test", pin, coordinator.localAddress())) {
            get(client.start());
        }
    }

    @Test
    void refusesACoordinatorOfAnotherName() {
        ConecException failure = refused("elsewhere.test", authorities, coordinator.localAddress());

        assertThat(failure.code()).isEqualTo(ErrorCode.CERTIFICATE_NAME_MISMATCH);
        assertThat(failure).hasMessageContaining("localhost").hasMessageContaining("\"elsewhere.test\"");
    }

    @Test
    void refusesACoordinatorOfAnUnknownAuthority() {
        Trust others = Trust.certificates(
                List.of(CertificateAuthority.create("test authority").certificate()));

        for (Trust trust : List.of(others, Trust.system())) {
            assertThat(refused("localhost", trust, coordinator.localAddress()).code())
                    .isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
        }
    }

    @Test
    void refusesAnotherCertificateThanThePinnedOne() {
        Identity other = Identity.generateForHosts(List.of("localhost"));

        ConecException failure = refused("localhost", Trust.pinned(other.fingerprint()), coordinator.localAddress());

        assertThat(failure.code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
        assertThat(failure)
                .hasMessageContaining(other.fingerprint().toString())
                .hasMessageContaining(
                        coordinator.config().identity().fingerprint().toString());
    }

    @Test
    void refusesACoordinatorBeforeAndAfterItsTime() {
        for (Validity validity : List.of(PAST, FUTURE)) {
            Identity identity = authority.issueCoordinator(List.of("localhost"), validity);
            try (LyingCoordinator outOfDate = new LyingCoordinator(identity, (link, message) -> {})) {
                assertThat(refused("localhost", authorities, outOfDate.address())
                                .code())
                        .isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
            }
        }
    }

    /** The authority for clients is trusted for peers only. */
    @Test
    void takesNoPeerForACoordinator() {
        CertificateAuthority forClients = CertificateAuthority.create("for clients");
        Identity bob = forClients.issueClient(new ClientId("bob"));
        try (LyingCoordinator posing = new LyingCoordinator(bob, (link, message) -> {});
                ConecClient alice = new ConecClient(config("bob", authorities, posing.address())
                        .peerTrust(Trust.certificates(List.of(forClients.certificate())))
                        .build())) {
            assertThat(failureOf(alice.start()).code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
        }
    }

    @Test
    void startsNoPartyWhoseOwnCertificateIsOutOfDate() {
        for (Validity validity : List.of(PAST, FUTURE)) {
            ConecClient client = new ConecClient(config("localhost", authorities, coordinator.localAddress())
                    .identity(Identity.generate(new ClientId("alice"), validity))
                    .build());
            assertThat(failureOf(client::start).code()).isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
            assertThat(client.isRunning()).isFalse();

            ConecCoordinator outOfDate = new ConecCoordinator(
                    CoordinatorConfig.builder(Identity.generateForHosts(List.of("localhost"), validity))
                            .bindAddress(FREE_PORT)
                            .build());
            assertThat(failureOf(outOfDate::start).code()).isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
            assertThat(outOfDate.isRunning()).isFalse();
        }
    }

    @Test
    void makesNoClientWhoseCertificateDoesNotNameIt() {
        ClientConfig config = config("localhost", authorities, coordinator.localAddress())
                .identity(Identity.generate(new ClientId("bob")))
                .build();

        ConecException failure = failureOf(() -> new ConecClient(config));
        assertThat(failure.code()).isEqualTo(ErrorCode.CERTIFICATE_NAME_MISMATCH);
        assertThat(failure).hasMessageContaining("alice").hasMessageContaining("bob");
    }

    private static ConecException refused(String host, Trust trust, InetSocketAddress address) {
        try (ConecClient client = client(host, trust, address)) {
            ConecException failure = failureOf(client.start());
            assertThat(client.status().lastError()).isNotNull();
            assertThat(client.coordinator()).isEmpty();
            return failure;
        }
    }

    private static ConecClient client(String host, Trust trust, InetSocketAddress address) {
        return new ConecClient(config(host, trust, address).build());
    }

    private static ClientConfig.Builder config(String host, Trust trust, InetSocketAddress address) {
        return config("alice", host, trust, address).identity(alice);
    }

    private static ClientConfig.Builder config(String id, String host, Trust trust, InetSocketAddress address) {
        return ClientConfig.builder(id, host)
                .coordinatorAddress(address.getAddress().getHostAddress())
                .coordinatorPort(address.getPort())
                .coordinatorTrust(trust)
                .bindAddress(FREE_PORT);
    }
}
