package io.conec.coordinator;

import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ClientId;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.security.CertificateAuthority;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.security.Validity;
import io.conec.testing.BackgroundPair;
import io.conec.testing.LogLines;
import io.conec.testing.Network;
import io.conec.testing.RawClient;
import io.conec.testing.RawConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which clients a coordinator lets in. */
final class ClientTrustTests {
    private static final Validity PAST =
            new Validity(Instant.now().minus(Duration.ofDays(3)), Instant.now().minus(Duration.ofDays(1)));
    private static final ClientId MALLORY = new ClientId("mallory");

    private final CertificateAuthority authority = CertificateAuthority.create("for clients");

    @Test
    void letsSelfSignedClientsInAndNobodyWithoutAGoodCertificate() throws Exception {
        try (Network network = Network.start();
                BackgroundPair pair = BackgroundPair.start(network)) {
            assertRefused(network, null, ErrorCode.CERTIFICATE_NOT_TRUSTED, 116);
            assertRefused(network, Identity.generate(MALLORY, PAST), ErrorCode.CERTIFICATE_EXPIRED, 45);
            assertRefused(network, authority.issueClient(MALLORY), ErrorCode.CERTIFICATE_NOT_TRUSTED, -1);
            pair.assertUndisturbed();
        }
    }

    @Test
    void letsOnlyAnAuthoritysClientsInIfThereIsOne() throws Exception {
        Trust trust = Trust.certificates(List.of(authority.certificate()));
        try (Network network = Network.start(transport -> transport, coordinator -> coordinator.clientTrust(trust));
                ConecClient alice = network.client(
                        "alice",
                        builder -> builder.peerTrust(trust).identity(authority.issueClient(new ClientId("alice"))));
                ConecClient bob = network.client(
                        "bob",
                        builder -> builder.peerTrust(trust).identity(authority.issueClient(new ClientId("bob"))))) {
            assertRefused(network, null, ErrorCode.CERTIFICATE_NOT_TRUSTED, 116);
            assertRefused(network, Identity.generate(MALLORY), ErrorCode.CERTIFICATE_NOT_TRUSTED, -1);
            assertRefused(network, authority.issueClient(MALLORY, PAST), ErrorCode.CERTIFICATE_EXPIRED, 45);
            assertRefused(
                    network,
                    CertificateAuthority.create("for clients").issueClient(MALLORY),
                    ErrorCode.CERTIFICATE_NOT_TRUSTED,
                    -1);

            assertThat(get(alice.open("bob")).peer()).isEqualTo("bob");
            assertThat(bob.channels()).hasSize(2);
        }
    }

    @Test
    void tellsAClientThatItsCertificateWillNotDo() {
        Trust trust = Trust.certificates(List.of(authority.certificate()));
        try (Network network = Network.start(transport -> transport, coordinator -> coordinator.clientTrust(trust));
                ConecClient client = network.unstartedClient("mallory", builder -> builder)) {
            var failure = failureOf(client.start());

            assertThat(failure.code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
            assertThat(failure).hasMessageContaining("the other side");
        }
    }

    private static void assertRefused(Network network, @Nullable Identity identity, ErrorCode code, int alert)
            throws Exception {
        try (LogLines log = LogLines.collect();
                RawClient client = new RawClient()) {
            RawConnection connection = client.connect(
                    network.coordinator().localAddress(),
                    Trust.pinned(network.coordinator().config().identity().fingerprint()),
                    identity);

            int told = connection.awaitClose().tlsAlert();
            if (alert < 0) {
                assertThat(told).isBetween(40, 50);
            } else {
                assertThat(told).isEqualTo(alert);
            }
            await().untilAsserted(() -> assertThat(log.all())
                    .anySatisfy(line -> assertThat(line)
                            .contains("127.0.0.1:" + client.address().getPort())
                            .contains(code.name())));
        }
    }
}
