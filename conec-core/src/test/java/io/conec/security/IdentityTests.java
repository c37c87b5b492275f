package io.conec.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTests {
    private static final ClientId ALICE = new ClientId("alice");

    /** Any key, encrypted by OpenSSL under the password "secret". */
    private static final String ENCRYPTED_KEY = """
            MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAialVdQ1T7jQgICCAAw
            DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEOs1Ij/LE7VGdYWuLTpBQBgEgZAj
            61T+3WQHYUBcmtA3WFa7B+5PiOS5Lx8jK75+GwrKxkXzFwrTklzseHNqjrbyhhSm
            RaJ6WmSijYdkQlQIxGbllljet/YI1Rv9GREU0E1kwT+QjX23jN3W7ZloDccCckAy
            nz1A5kiW5IIL6QP99wpeXmnwkI50bpIXZ4p+oiA9+yDdV4rPPCtsMD67MWZzBOM=
            """.strip();

    @TempDir
    private Path directory;

    @Test
    void generatesAClientThatNamesItsIdAndServesToo() throws Exception {
        Identity alice = Identity.generate(ALICE);

        assertThat(alice.chain()).containsExactly(alice.certificate());
        assertThat(alice.names().dns()).containsExactly("alice");
        assertThat(alice.certificate().getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1");
        assertThat(alice.certificate().getBasicConstraints()).isNegative();
        assertThat(((ECPublicKey) alice.certificate().getPublicKey())
                        .getParams()
                        .getOrder()
                        .bitLength())
                .isEqualTo(256);
        alice.certificate().verify(alice.certificate().getPublicKey());
        alice.requireValidAt(Instant.now());
        alice.requireValidAt(Instant.now().minus(Duration.ofMinutes(50)));
        alice.requireValidAt(Instant.now().plus(Duration.ofDays(3600)));
    }

    @Test
    void generatesForTheLongestId() {
        String label = "a".repeat(63) + ".";
        ClientId longest = new ClientId(label.repeat(3) + "b".repeat(61));

        assertThat(Identity.generate(longest).names(longest)).isTrue();
    }

    @Test
    void generatesForHostNamesAndAddresses() {
        Identity coordinator =
                Identity.generateForHosts(List.of("coordinator.test", "localhost", "192.0.2.1", "2001:db8::1"));

        assertThat(coordinator.names().dns()).containsExactly("coordinator.test", "localhost");
        assertThat(coordinator.names().addresses()).containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "-a.test", "a..b", "[::1]", "host:1719", "a.*.test", "a\u0000.test"})
    void refusesWhatIsNeitherHostNorAddress(String host) {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> Identity.generateForHosts(List.of(host)))
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION)
                .withMessageContaining("\"" + ClientId.escape(host) + "\"");
    }

    @Test
    void namesAClientExactlyOrNotAtAll() {
        Identity coordinator = Identity.generateForHosts(List.of("*.example", "Alice", "10.0.0.1"));

        assertThat(Identity.generate(ALICE).names(ALICE)).isTrue();
        for (String id : List.of("alice", "bob.example", "10.0.0.1")) {
            assertThatExceptionOfType(ConecException.class)
                    .isThrownBy(() -> coordinator.names().require(new ClientId(id)))
                    .matches(e -> e.code() == ErrorCode.CERTIFICATE_NAME_MISMATCH)
                    .withMessageContaining("names [*.example, Alice, 10.0.0.1]")
                    .withMessageContaining("DNS:" + id);
        }
    }

    @Test
    void doesNotTakeTheCommonNameForAName() {
        CertificateAuthority authority = CertificateAuthority.create("alice");

        assertThat(CertificateNames.of(authority.certificate()).contains(ALICE)).isFalse();
    }

    @Test
    void tellsWhenItIsTooLateAndTooEarly() {
        Instant from = Instant.parse("2020-01-01T00:00:00Z");
        Instant until = Instant.parse("2021-01-01T00:00:00Z");
        Identity alice = Identity.generate(ALICE, new Validity(from, until));

        alice.requireValidAt(from);
        alice.requireValidAt(until);
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> alice.requireValidAt(until.plusSeconds(1)))
                .matches(e -> e.code() == ErrorCode.CERTIFICATE_EXPIRED)
                .withMessageContaining("[alice]")
                .withMessageContaining("expired on 2021-01-01T00:00:00Z");
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> alice.requireValidAt(from.minusSeconds(1)))
                .matches(e -> e.code() == ErrorCode.CERTIFICATE_EXPIRED)
                .withMessageContaining("2020-01-01T00:00:00Z");
    }

    @Test
    void takesAKeyAndItsChainOnly() {
        CertificateAuthority authority = CertificateAuthority.create("authority");
        Identity alice = authority.issueClient(ALICE);
        Identity stranger = Identity.generate(ALICE);

        assertThat(Identity.of(alice.privateKey(), List.of(alice.certificate(), authority.certificate()))
                        .chain())
                .hasSize(2);
        assertInvalid(() -> Identity.of(alice.privateKey(), List.of()), "empty");
        assertInvalid(() -> Identity.of(stranger.privateKey(), alice.chain()), "is not the key of");
        assertInvalid(
                () -> Identity.of(alice.privateKey(), List.of(alice.certificate(), stranger.certificate())),
                "out of order");
        assertInvalid(() -> Identity.of(generate("RSA", 2048).getPrivate(), alice.chain()), "is not the key of");
        assertInvalid(() -> Identity.of(new LockedKey(alice.privateKey()), alice.chain()), "bytes");
    }

    @Test
    void loadsWhatItStored() {
        Identity alice = CertificateAuthority.create("authority").issueClient(ALICE);
        Path certificate = directory.resolve("a/b/alice.crt");
        Path key = directory.resolve("c/alice.key");

        alice.store(certificate, key);
        Identity loaded = Identity.load(certificate, key);

        assertThat(loaded.chain()).isEqualTo(alice.chain());
        assertThat(loaded.privateKey()).isEqualTo(alice.privateKey());
        assertThat(directory.resolve("a/b"))
                .isDirectoryContaining("glob:**.crt")
                .isDirectoryNotContaining("glob:**.tmp");
        assertThat(directory.resolve("c")).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void keepsTheKeyFromOtherUsers() throws IOException {
        assumePosix();
        Path key = directory.resolve("alice.key");
        Files.writeString(key, "left by something else, for all to read");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-rw-rw-"));

        Identity.generate(ALICE).store(directory.resolve("alice.crt"), key);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA", "Ed25519"})
    void loadsPkcs8Keys(String algorithm) throws Exception {
        KeyPair pair = generate(algorithm, algorithm.equals("RSA") ? 2048 : 0);
        Path key = write("key", Pem.encode("PRIVATE KEY", pair.getPrivate().getEncoded()));

        assertThat(Identity.load(certificate(pair), key).privateKey()).isEqualTo(pair.getPrivate());
    }

    /** Made by {@code openssl ecparam -genkey} and {@code openssl req -x509}, with the curve in front of the key. */
    @Test
    void loadsOpenSslsOlderEllipticCurveKeys() throws Exception {
        Path key = write("key", """
                -----BEGIN EC PARAMETERS-----
                BggqhkjOPQMBBw==
                -----END EC PARAMETERS-----
                -----BEGIN EC PRIVATE KEY-----
                MHcCAQEEIKOZ97QPxMmp+MPEKnQMwciNcq1BapXaR8G4JVW/YsBIoAoGCCqGSM49
                AwEHoUQDQgAEtFNbbLx6m+Conq+7OhIJ6ZXTasNwae5yglcBo9wyuQvdJOeubT6H
                zKImpJpD009yZmzKUnrNc4vpTsynGW1ghg==
                -----END EC PRIVATE KEY-----
                """);
        Path certificate = write("certificate", """
                -----BEGIN CERTIFICATE-----
                MIIBdzCCAR2gAwIBAgIUFt+PTwVTJN1IvsbcCYYyOZ50rh4wCgYIKoZIzj0EAwIw
                EDEOMAwGA1UEAwwFYWxpY2UwIBcNMjYxMTIyMjMyMjE1WhgPMjEyNjEwMjkyMzIy
                MTVaMBAxDjAMBgNVBAMMBWFsaWNlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
                tFNbbLx6m+Conq+7OhIJ6ZXTasNwae5yglcBo9wyuQvdJOeubT6HzKImpJpD009y
                ZmzKUnrNc4vpTsynGW1ghqNTMFEwHQYDVR0OBBYEFG/PaSwt+sO+HVE6eL0Ik275
                ISkQMB8GA1UdIwQYMBaAFG/PaSwt+sO+HVE6eL0Ik275ISkQMA8GA1UdEwEB/wQF
                MAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgA0A/P4k7hO8yq5+ut6iEXx8iiWn5gHZ3
                xZXQb7iNFNcCIQCjMt5QIiXtt/0nlh6g1JqNNeFyAo5TwdEISMarwCrKtg==
                -----END CERTIFICATE-----
                """);

        Identity loaded = Identity.load(certificate, key);

        assertThat(loaded.privateKey().getAlgorithm()).isEqualTo("EC");
        assertThat(loaded.privateKey().getFormat()).isEqualTo("PKCS#8");
    }

    @Test
    void loadsOpenSslsOlderRsaKeys() throws Exception {
        KeyPair pair = generate("RSA", 2048);
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(pair.getPrivate());
        }
        assertThat(text.toString()).contains("BEGIN RSA PRIVATE KEY");

        assertThat(Identity.load(certificate(pair), write("key", text.toString()))
                        .privateKey())
                .isEqualTo(pair.getPrivate());
    }

    @Test
    void namesTheFileThatCannotBeUsed() throws Exception {
        Identity alice = Identity.generate(ALICE);
        Path certificate = directory.resolve("alice.crt");
        Path key = directory.resolve("alice.key");
        alice.store(certificate, key);
        Path missing = directory.resolve("missing.pem");
        Path empty = write("empty.pem", "");
        Path garbage = write("garbage.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        Path truncated = write("truncated.pem", Files.readString(key).substring(0, 100));
        Path encrypted = write(
                "encrypted.pem",
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + ENCRYPTED_KEY + "\n-----END ENCRYPTED PRIVATE KEY-----\n");
        Path other = directory.resolve("other.key");
        Identity.generate(ALICE).store(directory.resolve("other.crt"), other);

        assertInvalid(() -> Identity.load(missing, key), missing + " does not exist");
        assertInvalid(() -> Identity.load(certificate, missing), missing + " does not exist");
        assertInvalid(() -> Identity.load(empty, key), empty + " holds no certificate");
        assertInvalid(() -> Identity.load(certificate, empty), empty + " holds no private key");
        assertInvalid(() -> Identity.load(key, key), key + " holds no certificate");
        assertInvalid(() -> Identity.load(certificate, certificate), certificate + " holds no private key");
        assertInvalid(() -> Identity.load(garbage, key), garbage.toString());
        assertInvalid(() -> Identity.load(certificate, truncated), truncated.toString());
        assertInvalid(() -> Identity.load(certificate, encrypted), encrypted + " is encrypted");
        assertInvalid(() -> Identity.load(certificate, other), other.toString());
        assertInvalid(() -> Identity.load(directory, key), directory.toString());
    }

    @Test
    void saysWhereItCouldNotBeStored() throws IOException {
        Path file = write("file", "");

        assertInvalid(
                () -> Identity.generate(ALICE).store(file.resolve("alice.crt"), directory.resolve("alice.key")),
                file.toString());
        assertThat(directory.resolve("alice.key")).doesNotExist();
    }

    @Test
    void doesNotShowItsKey() {
        Identity alice = Identity.generate(ALICE);

        assertThat(alice).hasToString("Identity[[alice], SHA-256 " + alice.fingerprint() + "]");
    }

    static void assertInvalid(ThrowingCallable call, String message) {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(call)
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION)
                .withMessageContaining(message);
    }

    private void assumePosix() throws IOException {
        assumeTrue(Files.getFileStore(directory).supportsFileAttributeView("posix"));
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private Path certificate(KeyPair pair) throws Exception {
        CertificateTemplate template = CertificateTemplate.client(ALICE, Validity.startingNow(Duration.ofDays(1)));
        return write(
                "certificate",
                Pem.encode("CERTIFICATE", template.selfSigned(pair).getEncoded()));
    }

    static KeyPair generate(String algorithm, int bits) throws Exception {
        if (algorithm.equals("EC")) {
            return CertificateTemplate.generateKey();
        }
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (bits > 0) {
            generator.initialize(bits);
        }
        return generator.generateKeyPair();
    }

    /** A key as a hardware module has it. */
    private record LockedKey(PrivateKey key) implements PrivateKey {
        @Override
        public String getAlgorithm() {
            return key.getAlgorithm();
        }

        @Override
        public @Nullable String getFormat() {
            return null;
        }

        @Override
        public byte @Nullable [] getEncoded() {
            return null;
        }
    }
}
