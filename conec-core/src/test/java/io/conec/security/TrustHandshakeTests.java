package io.conec.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trust as Netty's QUIC codec asks for it: real handshakes over loopback. */
class TrustHandshakeTests {
    private static final Validity PAST =
            new Validity(Instant.now().minus(Duration.ofDays(3)), Instant.now().minus(Duration.ofDays(1)));
    private static final Validity FUTURE =
            new Validity(Instant.now().plus(Duration.ofDays(1)), Instant.now().plus(Duration.ofDays(3)));
    private static final ClientId ALICE = new ClientId("alice");

    private final CertificateAuthority authority = CertificateAuthority.create("test authority");
    private final Trust authorities = Trust.certificates(List.of(authority.certificate()));
    private final Identity alice = Identity.generate(ALICE);

    @ParameterizedTest
    @ValueSource(strings = {"coordinator.test", "localhost", "a.wild.test", "127.0.0.1", "::1", "COORDINATOR.test"})
    void connectsByEachNameOfTheCertificate(String host) throws Exception {
        Identity server =
                authority.issueCoordinator(List.of("coordinator.test", "localhost", "*.wild.test", "127.0.0.1", "::1"));

        var outcome = QuicHandshake.run(server, Trust.selfSigned(), alice, authorities, host);

        assertThat(outcome.ofServer().rejection()).isNull();
        assertThat(outcome.established()).isTrue();
        assertThat(outcome.ofServer().chain()[0].getEncoded())
                .isEqualTo(server.certificate().getEncoded());
        assertThat(outcome.ofClient().join().chain()[0].getEncoded())
                .isEqualTo(alice.certificate().getEncoded());
    }

    @ParameterizedTest
    @ValueSource(strings = {"elsewhere.test", "sub.coordinator.test", "127.0.0.2", "localhost"})
    void tellsWhichNamesTheCertificateHasInsteadOfTheWantedOne(String host) throws Exception {
        Identity server = authority.issueCoordinator(List.of("coordinator.test", "127.0.0.1"));

        ConecException error = rejectedServer(server, authorities, host);

        assertThat(error.code()).isEqualTo(ErrorCode.CERTIFICATE_NAME_MISMATCH);
        assertThat(error)
                .hasMessageContaining("the certificate of the coordinator (SHA-256 " + server.fingerprint())
                .hasMessageContaining("names [coordinator.test, 127.0.0.1], not \"" + host + "\"");
    }

    @Test
    void refusesAServerOfAnUnknownAuthorityEvenOfTheSameName() throws Exception {
        Identity server = CertificateAuthority.create("test authority").issueCoordinator(List.of("localhost"));

        ConecException error = rejectedServer(server, authorities, "localhost");

        assertThat(error.code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
        assertThat(error).hasMessageContaining("does not lead to a trusted certificate");
    }

    @Test
    void callsAnUntrustedServerOfAnotherNameUntrustedFirst() throws Exception {
        Identity server = Identity.generateForHosts(List.of("elsewhere.test"));

        assertThat(rejectedServer(server, authorities, "localhost").code())
                .isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
    }

    @Test
    void refusesTheSystemsOpinionOfAPrivateAuthority() throws Exception {
        Identity server = authority.issueCoordinator(List.of("localhost"));

        assertThat(rejectedServer(server, Trust.system(), "localhost").code())
                .isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
    }

    @Test
    void refusesAnExpiredServerAndOneOfTheFuture() throws Exception {
        Identity expired = authority.issueCoordinator(List.of("localhost"), PAST);
        Identity future = authority.issueCoordinator(List.of("localhost"), FUTURE);

        ConecException tooLate = rejectedServer(expired, authorities, "localhost");
        ConecException tooEarly = rejectedServer(future, authorities, "localhost");

        assertThat(tooLate.code()).isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
        assertThat(tooLate).hasMessageContaining("expired on " + PAST.notAfter());
        assertThat(tooEarly.code()).isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
        assertThat(tooEarly).hasMessageContaining("does not hold before " + FUTURE.notBefore());
    }

    @Test
    void looksAtNameAndDatesOfAServerThatIsItselfTrusted() throws Exception {
        Identity current = Identity.generateForHosts(List.of("localhost"));
        Identity expired = Identity.generateForHosts(List.of("localhost"), PAST);
        Trust both = Trust.certificates(List.of(current.certificate(), expired.certificate()));

        assertThat(QuicHandshake.run(current, Trust.selfSigned(), alice, both, "localhost")
                        .established())
                .isTrue();
        assertThat(rejectedServer(current, both, "elsewhere.test").code())
                .isEqualTo(ErrorCode.CERTIFICATE_NAME_MISMATCH);
        assertThat(rejectedServer(expired, both, "localhost").code()).isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
    }

    @Test
    void takesAClientForAServerBecauseItServesItsPeers() throws Exception {
        Identity bob = authority.issueClient(new ClientId("bob"));

        assertThat(QuicHandshake.run(bob, Trust.selfSigned(), alice, authorities, "bob")
                        .established())
                .isTrue();
    }

    @Test
    void takesNoCoordinatorForAClient() throws Exception {
        Identity coordinator = authority.issueCoordinator(List.of("localhost"));

        var outcome = QuicHandshake.run(coordinator, authorities, coordinator, authorities, "localhost");

        assertThat(explained(outcome.ofClient().join()).code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
    }

    @Test
    void takesThePinInsteadOfChainAndName() throws Exception {
        Identity server = Identity.generateForHosts(List.of("elsewhere.test"));
        Identity other = Identity.generateForHosts(List.of("localhost"));
        Trust pinned = Trust.pinned(server.fingerprint());

        assertThat(QuicHandshake.run(server, Trust.selfSigned(), alice, pinned, "localhost")
                        .established())
                .isTrue();
        ConecException error = rejectedServer(other, pinned, "localhost");
        assertThat(error.code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
        assertThat(error)
                .hasMessageContaining(other.fingerprint().toString())
                .hasMessageContaining(server.fingerprint().toString());
    }

    @Test
    void checksAClientsChainAndNotWhereItComesFrom() throws Exception {
        Identity server = authority.issueCoordinator(List.of("localhost"));
        Identity member = authority.issueClient(ALICE);

        var outcome = QuicHandshake.run(server, authorities, member, authorities, "localhost");

        assertThat(outcome.established()).isTrue();
        assertThat(outcome.ofClient().join().rejection()).isNull();
    }

    /** A client would keep such a certificate to itself if the server hinted at the authorities it wants. */
    @Test
    void seesAndRefusesAClientOfNoKnownAuthority() throws Exception {
        Identity server = authority.issueCoordinator(List.of("localhost"));

        var outcome = QuicHandshake.run(server, authorities, alice, authorities, "localhost");

        var verdict = outcome.ofClient().join();
        assertThat(outcome.established()).isFalse();
        assertThat(explained(verdict).code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
        assertThat(explained(verdict)).hasMessageContaining(alice.fingerprint().toString());
    }

    @Test
    void refusesAnExpiredClient() throws Exception {
        Identity server = authority.issueCoordinator(List.of("localhost"));
        Identity selfSigned = Identity.generate(ALICE, PAST);
        Identity issued = authority.issueClient(ALICE, PAST);

        var first = QuicHandshake.run(server, Trust.selfSigned(), selfSigned, authorities, "localhost");
        var second = QuicHandshake.run(server, authorities, issued, authorities, "localhost");

        assertThat(explained(first.ofClient().join()).code()).isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
        assertThat(explained(second.ofClient().join()).code()).isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
    }

    private ConecException rejectedServer(Identity server, Trust trust, String host) throws Exception {
        var outcome = QuicHandshake.run(server, Trust.selfSigned(), alice, trust, host);
        assertThat(outcome.established()).isFalse();
        assertThat(outcome.ofServer().rejection()).isNotNull();
        return Trust.explain(outcome.ofServer().rejection(), outcome.ofServer().chain(), "the coordinator", host);
    }

    private static ConecException explained(QuicHandshake.Verdict verdict) {
        assertThat(verdict.rejection()).isNotNull();
        return Trust.explain(verdict.rejection(), verdict.chain(), "a client", null);
    }
}
