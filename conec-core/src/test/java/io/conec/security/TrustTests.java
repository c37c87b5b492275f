package io.conec.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.netty.handler.ssl.util.LazyX509Certificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What does not take a handshake to see; the rest is in {@link TrustHandshakeTests}. */
class TrustTests {
    private static final ClientId ALICE = new ClientId("alice");
    private static final CertificateTemplate TEMPLATE =
            CertificateTemplate.client(ALICE, Validity.startingNow(Duration.ofDays(1)));

    private final CertificateAuthority authority = CertificateAuthority.create("authority");

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "EC, secp256r1, true",
        "EC, secp384r1, true",
        "EC, secp521r1, false",
        "RSA, 2048, true",
        "RSA, 1024, false",
        "Ed25519, '', true",
    })
    void takesSelfSignedCertificatesWithKeysOfCommonStrength(String algorithm, String size, boolean accepted)
            throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("EC")) {
            generator.initialize(new ECGenParameterSpec(size));
        } else if (algorithm.equals("RSA")) {
            generator.initialize(Integer.parseInt(size));
        }
        X509Certificate certificate = TEMPLATE.selfSigned(generator.generateKeyPair());

        if (accepted) {
            assertThatCode(() -> check(Trust.selfSigned(), certificate)).doesNotThrowAnyException();
        } else {
            assertRejected(Trust.selfSigned(), ErrorCode.CERTIFICATE_NOT_TRUSTED, "key", certificate);
        }
    }

    @Test
    void takesNothingForSelfSignedThatIsNot() throws Exception {
        Identity issued = authority.issueClient(ALICE);
        Identity own = Identity.generate(ALICE);
        KeyPair key = CertificateTemplate.generateKey();
        // The same name as issuer and subject, but another key's signature.
        X509Certificate forged = TEMPLATE.signedBy(
                own.certificate(), CertificateTemplate.generateKey().getPrivate(), key.getPublic());

        assertRejected(
                Trust.selfSigned(), ErrorCode.CERTIFICATE_NOT_TRUSTED, "is not self-signed", issued.certificate());
        assertRejected(Trust.selfSigned(), ErrorCode.CERTIFICATE_NOT_TRUSTED, "is not signed with its own key", forged);
        assertRejected(
                Trust.selfSigned(),
                ErrorCode.CERTIFICATE_NOT_TRUSTED,
                "stands alone",
                own.certificate(),
                authority.certificate());
    }

    @Test
    void takesSelfSignedCertificatesForTheirPurposeOnly() {
        X509Certificate coordinator =
                Identity.generateForHosts(List.of("localhost")).certificate();

        assertThatExceptionOfType(CertificateException.class)
                .isThrownBy(() -> Trust.selfSigned()
                        .trustManager()
                        .checkClientTrusted(new X509Certificate[] {coordinator}, "UNKNOWN"))
                .withMessageContaining("TLS client");
        assertRejected(Trust.selfSigned(), ErrorCode.CERTIFICATE_NOT_TRUSTED, "key usage", authority.certificate());
    }

    static Stream<Trust> everyKind() {
        return Stream.of(
                Trust.system(),
                Trust.certificates(List.of(Identity.generate(ALICE).certificate())),
                Trust.selfSigned(),
                Trust.pinned(Identity.generate(ALICE).fingerprint()));
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void refusesNothingGarbageAndEndlessChainsInWords(Trust trust) {
        X509Certificate garbage = new LazyX509Certificate(new byte[] {0x30, 0x03, 0x02, 0x01, 0x01});
        X509Certificate[] endless =
                Collections.nCopies(11, authority.certificate()).toArray(X509Certificate[]::new);

        assertRejected(trust, ErrorCode.CERTIFICATE_NOT_TRUSTED, "missing");
        assertRejected(trust, ErrorCode.CERTIFICATE_NOT_TRUSTED, "", garbage);
        assertRejected(trust, ErrorCode.CERTIFICATE_NOT_TRUSTED, "chain of 11", endless);
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void refusesAStrangersIssuedCertificate(Trust trust) {
        assertRejected(
                trust,
                ErrorCode.CERTIFICATE_NOT_TRUSTED,
                "",
                authority.issueClient(ALICE).certificate());
    }

    @Test
    void holdsAPinToItsDates() {
        Instant now = Instant.now();
        Identity expired =
                Identity.generate(ALICE, new Validity(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1))));

        assertRejected(
                Trust.pinned(expired.fingerprint()),
                ErrorCode.CERTIFICATE_EXPIRED,
                "expired on",
                expired.certificate());
    }

    @Test
    void trustsTheCertificatesOfAFile() throws Exception {
        CertificateAuthority second = CertificateAuthority.create("second");
        Path pem = directory.resolve("trusted.pem");
        Files.writeString(
                pem,
                "First:\n" + Pem.encode("CERTIFICATE", authority.certificate().getEncoded()) + "Second:\n"
                        + Pem.encode("CERTIFICATE", second.certificate().getEncoded()));

        Trust trust = Trust.certificates(pem);

        assertThat(trust).isEqualTo(Trust.certificates(List.of(authority.certificate(), second.certificate())));
        assertThatCode(() -> check(trust, second.issueClient(ALICE).certificate()))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesToTrustNobody() {
        Path missing = directory.resolve("missing.pem");

        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> Trust.certificates(List.of()))
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION);
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> Trust.certificates(missing))
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION)
                .withMessageContaining(missing.toString());
    }

    @Test
    void explainsOtherTrustManagersToo() {
        X509Certificate certificate = Identity.generate(ALICE).certificate();
        X509Certificate[] chain = {certificate};

        ConecException expired =
                Trust.explain(new CertificateExpiredException("NotAfter: ..."), chain, "the coordinator", "host");
        ConecException unknown = Trust.explain(new CertificateException("no"), chain, "the coordinator", "host");
        ConecException none = Trust.explain(new CertificateException("no"), new X509Certificate[0], "a client", null);

        assertThat(expired.code()).isEqualTo(ErrorCode.CERTIFICATE_EXPIRED);
        assertThat(unknown.code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
        assertThat(unknown)
                .hasMessage("the certificate of the coordinator (SHA-256 " + Fingerprint.of(certificate)
                        + ", issued by \"CN=alice\") was rejected: CertificateException (no)");
        assertThat(none).hasMessageStartingWith("the certificate of a client was rejected");
    }

    private static void check(Trust trust, X509Certificate... chain) throws CertificateException {
        trust.trustManager().checkClientTrusted(chain, "UNKNOWN");
        trust.trustManager().checkServerTrusted(chain, "UNKNOWN");
    }

    private static void assertRejected(Trust trust, ErrorCode code, String matter, X509Certificate... chain) {
        assertThatExceptionOfType(CertificateException.class)
                .isThrownBy(() -> trust.trustManager().checkClientTrusted(chain, "UNKNOWN"))
                .satisfies(e -> assertThat(Trust.explain(e, chain, "a client", null))
                        .hasMessageContaining(matter)
                        .extracting(ConecException::code)
                        .isEqualTo(code));
        assertThatExceptionOfType(CertificateException.class)
                .isThrownBy(() -> trust.trustManager().checkServerTrusted(chain, "UNKNOWN"));
    }
}
