package io.conec.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintTests {
    private static final String DIGITS = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    private static final String CANONICAL =
            "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF" + ":00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF";

    @Property
    void readsWhatItWrites(@ForAll @Size(32) byte[] digest) {
        Fingerprint fingerprint = Fingerprint.parse(HexFormat.of().formatHex(digest));

        assertThat(fingerprint.toString()).hasSize(32 * 3 - 1).isUpperCase();
        assertThat(Fingerprint.parse(fingerprint.toString()))
                .isEqualTo(fingerprint)
                .hasSameHashCodeAs(fingerprint);
        assertThat(HexFormat.ofDelimiter(":").withUpperCase().parseHex(fingerprint.value()))
                .isEqualTo(digest);
    }

    @Property
    void refusesAnythingElseWithAClearError(@ForAll String text) {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> Fingerprint.parse(text))
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION)
                .withMessageContaining("64 hexadecimal digits");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sha256:", "SHA256:", "sha-256:", "SHA256=", " ", "sha256: "})
    void takesTheUsualPrefixes(String prefix) {
        assertThat(Fingerprint.parse(prefix + DIGITS)).hasToString(CANONICAL);
        assertThat(Fingerprint.parse(prefix + CANONICAL.toLowerCase(Locale.ROOT) + "\n"))
                .hasToString(CANONICAL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sha1:" + DIGITS,
                DIGITS + "00",
                "0" + DIGITS,
                "00:112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
                "sha256:sha256:" + DIGITS,
                CANONICAL + ":",
            })
    void refusesAlmostAFingerprint(String text) {
        assertThatExceptionOfType(ConecException.class).isThrownBy(() -> Fingerprint.parse(text));
    }

    /** Certificate and fingerprint as OpenSSL made and showed them, not as this code does. */
    @Test
    void agreesWithOpenSsl() throws Exception {
        String pem = """
                -----BEGIN CERTIFICATE-----
                MIIBezCCASGgAwIBAgIUHnrCymD0LZp3+cJxhHSYutbp020wCgYIKoZIzj0EAwIw
                EjEQMA4GA1UEAwwHZXhhbXBsZTAgFw0yNjExMjIyMzE2MTdaGA8yMTI2MTAyOTIz
                MTYxN1owEjEQMA4GA1UEAwwHZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEH
                A0IABAeTLOGHC5gMoo7np7NXK5/NCSLIpKgYDePkEkvRn81ScWpI51vaar5B9fN+
                w/HIkIc9Z+xUUUsKj5nW0qE6I8CjUzBRMB0GA1UdDgQWBBRphMsnx6KrsrpPkhnl
                SSm2ZOkTxzAfBgNVHSMEGDAWgBRphMsnx6KrsrpPkhnlSSm2ZOkTxzAPBgNVHRMB
                Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCZImNDNYeeffdrx7UNfE+wzQJb
                +fsLvj7nhIw2ZN8ogAIgQQHk+mRGfc3pb0x6omyA0clSgP/43AY6bhneKngw8Rk=
                -----END CERTIFICATE-----
                """;
        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));

        assertThat(Fingerprint.of(certificate))
                .hasToString("89:32:B4:A6:09:1D:FB:42:BE:3D:A0:E2:79:EB:78:5F:"
                        + "6E:A3:B2:C4:26:22:D1:92:17:7D:51:3A:EB:97:39:61");
    }

    @Test
    void differsBetweenCertificatesOfTheSameName() {
        ClientId id = new ClientId("alice");

        assertThat(Identity.generate(id).fingerprint())
                .isNotEqualTo(Identity.generate(id).fingerprint());
    }
}
