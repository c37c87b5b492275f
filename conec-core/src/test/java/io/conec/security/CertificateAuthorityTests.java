package io.conec.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import java.nio.file.Path;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.naming.ldap.LdapName;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificateAuthorityTests {
    private static final ClientId ALICE = new ClientId("alice");
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int KEY_CERT_SIGN = 5;

    private final CertificateAuthority authority = CertificateAuthority.create("test authority");

    @TempDir
    private Path directory;

    @Test
    void maySignEndEntitiesAndNothingElse() {
        X509Certificate certificate = authority.certificate();

        assertThat(certificate.getBasicConstraints()).isZero();
        assertThat(certificate.getKeyUsage()[KEY_CERT_SIGN]).isTrue();
        assertThat(certificate.getKeyUsage()[DIGITAL_SIGNATURE]).isFalse();
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=test authority");
        assertThat(certificate.getCriticalExtensionOIDs())
                .containsExactlyInAnyOrder(Extension.basicConstraints.getId(), Extension.keyUsage.getId());
    }

    @Test
    void issuesCertificatesThatPointToIt() throws Exception {
        Identity alice = authority.issueClient(ALICE);
        Identity coordinator = authority.issueCoordinator(List.of("localhost", "127.0.0.1"));

        for (Identity issued : List.of(alice, coordinator)) {
            X509Certificate certificate = issued.certificate();
            certificate.verify(authority.certificate().getPublicKey());
            assertThat(certificate.getIssuerX500Principal())
                    .isEqualTo(authority.certificate().getSubjectX500Principal());
            assertThat(certificate.getBasicConstraints()).isNegative();
            assertThat(certificate.getKeyUsage()[DIGITAL_SIGNATURE]).isTrue();
            assertThat(certificate.getKeyUsage()[KEY_CERT_SIGN]).isFalse();
            var authorityKey =
                    AuthorityKeyIdentifier.fromExtensions(new JcaX509CertificateHolder(certificate).getExtensions());
            var subjectKey = SubjectKeyIdentifier.fromExtensions(
                    new JcaX509CertificateHolder(authority.certificate()).getExtensions());
            assertThat(authorityKey.getKeyIdentifierOctets()).isEqualTo(subjectKey.getKeyIdentifier());
        }
        assertThat(alice.names(ALICE)).isTrue();
        assertThat(coordinator.names().dns()).containsExactly("localhost");
        assertThat(coordinator.names().addresses()).containsExactly("127.0.0.1");
        assertThat(coordinator.certificate().getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    }

    @Test
    void drawsSerialsThatDoNotRepeatAndAreOfLegalSize() {
        X509Certificate first = authority.issueClient(ALICE).certificate();
        X509Certificate second = authority.issueClient(ALICE).certificate();

        assertThat(first.getSerialNumber()).isPositive().isNotEqualTo(second.getSerialNumber());
        // RFC 5280, section 4.1.2.2.
        assertThat(first.getSerialNumber().toByteArray().length).isBetween(9, 20);
    }

    @Test
    void issuesForAPeriodOfOnesOwn() {
        Validity validity =
                new Validity(Instant.parse("2001-02-03T04:05:06.7Z"), Instant.parse("2060-01-02T03:04:05Z"));

        X509Certificate certificate = authority.issueClient(ALICE, validity).certificate();

        assertThat(certificate.getNotBefore().toInstant()).isEqualTo("2001-02-03T04:05:06Z");
        assertThat(certificate.getNotAfter().toInstant()).isEqualTo("2060-01-02T03:04:05Z");
    }

    @Test
    void refusesAPeriodThatEndsBeforeItBegins() {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> Validity.startingNow(Duration.ofDays(-1)))
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION);
    }

    @Test
    void goesOnAfterBeingStoredAndLoaded() throws Exception {
        Path certificate = directory.resolve("ca.crt");
        Path key = directory.resolve("ca.key");
        authority.store(certificate, key);

        Identity alice = CertificateAuthority.load(certificate, key).issueClient(ALICE);

        alice.certificate().verify(authority.certificate().getPublicKey());
    }

    @Test
    void refusesToBeLoadedFromACertificateThatMaySignNothing() {
        Path certificate = directory.resolve("alice.crt");
        Path key = directory.resolve("alice.key");
        authority.issueClient(ALICE).store(certificate, key);

        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> CertificateAuthority.load(certificate, key))
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION)
                .withMessageContaining(certificate.toString());
    }

    @Test
    void takesNameCharactersThatMeanSomethingInDistinguishedNames() throws Exception {
        X509Certificate certificate = CertificateAuthority.create("a, O=b + c").certificate();

        var rdns = new LdapName(certificate.getSubjectX500Principal().getName()).getRdns();
        assertThat(rdns)
                .singleElement()
                .satisfies(rdn -> assertThat(rdn.getValue()).isEqualTo("a, O=b + c"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "12345678901234567890123456789012345678901234567890123456789012345"})
    void refusesNoNameAndOneThatIsTooLong(String name) {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> CertificateAuthority.create(name))
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION);
    }

    @Test
    void leavesTheApplicationsSecurityProvidersAlone() {
        assertThat(Security.getProvider("BC")).isNull();
    }
}
