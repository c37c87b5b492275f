package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ClientId;
import io.conec.ConecChannel;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.security.CertificateAuthority;
import io.conec.security.Identity;
import io.conec.spring.annotation.ConecChannelListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundleRegistry;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** SSL bundles whose files change while the applications run. */
@ExtendWith(OutputCaptureExtension.class)
final class TlsReloadTests {
    private static final String QUIET = "--spring.ssl.bundle.watch.file.quiet-period=100ms";

    @TempDir
    private Path directory;

    private final CertificateAuthority before = CertificateAuthority.create("before");
    private final CertificateAuthority after = CertificateAuthority.create("after");
    private Applications applications;
    private ConecCoordinator coordinator;

    @BeforeEach
    void start() throws IOException {
        applications = new Applications(directory.resolve("development"));
        authority("ca", before);
        identity("server", before.issueCoordinator(List.of("localhost")));
        identity("alice", before.issueClient(new ClientId("alice")));
        coordinator = applications
                .coordinator(
                        Application.class,
                        QUIET,
                        keystore("server"),
                        privateKey("server"),
                        truststore("client-ca"),
                        reload("server"),
                        reload("client-ca"),
                        "--conec.coordinator.ssl.bundle=server",
                        "--conec.coordinator.client-trust=ca",
                        "--conec.coordinator.client-ssl.bundle=client-ca")
                .getBean(ConecCoordinator.class);
    }

    @AfterEach
    void stop() {
        applications.close();
    }

    @Test
    void newCertificatesAndRootsAreTakenWithoutDroppingTheChannel(CapturedOutput output) throws Exception {
        ConecClient alice = alice().getBean(ConecClient.class);
        ConecChannel link = alice.coordinator().orElseThrow();
        try (ConecStream stream = link.openStream("echo").join()) {
            assertThat(Streams.ask(stream, "1")).isEqualTo("1");

            Identity server = after.issueCoordinator(List.of("localhost"));
            Identity renewed = after.issueClient(new ClientId("alice"));
            // First everybody trusts the new authority, then everybody shows its certificates.
            authority("ca", after);
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(output)
                            .contains("new certificate authorities for clients")
                            .contains("new certificate authorities for the coordinator"));
            identity("server", server);
            identity("alice", renewed);
            await().atMost(LIMIT).untilAsserted(() -> {
                assertThat(coordinator.identity().fingerprint()).isEqualTo(server.fingerprint());
                assertThat(alice.identity().fingerprint()).isEqualTo(renewed.fingerprint());
            });

            assertThat(Streams.ask(stream, "2")).isEqualTo("2");
            assertThat(alice.coordinator()).containsSame(link);
        }
    }

    @Test
    void newClientsAreJudgedByTheNewRoots(CapturedOutput output) throws Exception {
        authority("ca", after);
        identity("server", after.issueCoordinator(List.of("localhost")));
        identity("alice", after.issueClient(new ClientId("alice")));
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(output)
                        .contains("new certificate authorities for clients")
                        .contains("The coordinator has a new certificate"));
        assertThat(alice().getBean(ConecClient.class).coordinator()).isPresent();
    }

    @Test
    void aBundleThatCannotBeUsedIsLoggedAndTheOldOneStays(CapturedOutput output) throws Exception {
        ConecClient alice = alice().getBean(ConecClient.class);
        Identity own = alice.identity();
        identity("alice", before.issueClient(new ClientId("bob")));
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(output)
                        .contains("SSL bundle \"alice\" was updated, but what was there before stays in use")
                        .contains("CERTIFICATE_NAME_MISMATCH"));
        assertThat(alice.identity()).isSameAs(own);
        assertThat(alice.coordinator()).isPresent();
    }

    @Test
    void aFingerprintIsNotWidenedToAnAuthority() {
        ConfigurableApplicationContext context = applications.client(
                "alice",
                coordinator,
                Application.class,
                keystore("alice"),
                privateKey("alice"),
                "--conec.client.ssl.bundle=alice");
        ConecClient alice = context.getBean(ConecClient.class);
        SslBundleRegistry bundles = context.getBean(SslBundleRegistry.class);
        Path authority = directory.resolve("ca.crt");
        PemSslStoreBundle stores = new PemSslStoreBundle(
                PemSslStoreDetails.forCertificate(
                                directory.resolve("alice.crt").toUri().toString())
                        .withPrivateKey(directory.resolve("alice.key").toUri().toString()),
                PemSslStoreDetails.forCertificate(authority.toUri().toString()));
        bundles.updateBundle("alice", SslBundle.of(stores));
        // Of the same authority, but not the one that the fingerprint is of.
        coordinator.replaceIdentity(before.issueCoordinator(List.of("localhost")));
        alice.close();
        assertThat(Streams.failure(() -> alice.start().join()).code()).isEqualTo(ErrorCode.CERTIFICATE_NOT_TRUSTED);
    }

    private ConfigurableApplicationContext alice() {
        return applications.client(
                "alice",
                coordinator,
                Application.class,
                QUIET,
                "--conec.client.coordinator.certificate-fingerprint=",
                keystore("alice"),
                privateKey("alice"),
                truststore("alice"),
                reload("alice"),
                "--conec.client.ssl.bundle=alice");
    }

    private void identity(String name, Identity identity) throws IOException {
        Path work = Files.createTempDirectory(directory, "work");
        identity.store(work.resolve("crt"), work.resolve("key"));
        replace(work.resolve("key"), name + ".key");
        replace(work.resolve("crt"), name + ".crt");
    }

    private void authority(String name, CertificateAuthority authority) throws IOException {
        Path work = Files.createTempDirectory(directory, "work");
        authority.store(work.resolve("crt"), work.resolve("key"));
        replace(work.resolve("crt"), name + ".crt");
    }

    private void replace(Path with, String name) throws IOException {
        Files.move(with, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    private String keystore(String bundle) {
        return pem(
                bundle,
                "keystore.certificate",
                directory.resolve(bundle + ".crt").toUri().toString());
    }

    private String privateKey(String bundle) {
        return pem(
                bundle,
                "keystore.private-key",
                directory.resolve(bundle + ".key").toUri().toString());
    }

    private String truststore(String bundle) {
        return pem(
                bundle,
                "truststore.certificate",
                directory.resolve("ca.crt").toUri().toString());
    }

    private String reload(String bundle) {
        return pem(bundle, "reload-on-update", "true");
    }

    private static String pem(String bundle, String property, String value) {
        return "--spring.ssl.bundle.pem." + bundle + "." + property + "=" + value;
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Application {
        @ConecChannelListener(stream = "echo")
        String echo(String text) {
            return text;
        }
    }
}
