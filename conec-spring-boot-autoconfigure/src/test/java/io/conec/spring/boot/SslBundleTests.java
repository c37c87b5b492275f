package io.conec.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.security.CertificateAuthority;
import io.conec.security.Identity;
import io.conec.security.Validity;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;

/** Certificates from SSL bundles, with one authority for the coordinator and another for clients. */
final class SslBundleTests {
    private static final String NO_FINGERPRINT = "--conec.client.coordinator.certificate-fingerprint=";

    @TempDir
    private Path directory;

    private final CertificateAuthority coordinators = CertificateAuthority.create("coordinators");
    private final CertificateAuthority clients = CertificateAuthority.create("clients");
    private Applications applications;
    private ConecCoordinator coordinator;

    @BeforeEach
    void start() {
        applications = new Applications(directory.resolve("development"));
        coordinators.store(directory.resolve("coordinators.crt"), directory.resolve("coordinators.key"));
        clients.store(directory.resolve("clients.crt"), directory.resolve("clients.key"));
        store("coordinator", coordinators.issueCoordinator(List.of("localhost")));
        coordinator = applications
                .coordinator(
                        Application.class,
                        keystore("server", "coordinator"),
                        privateKey("server", "coordinator"),
                        truststore("client-ca", "clients"),
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
    void clientsWithCertificatesOfTheirAuthorityConnectAndReachEachOther() {
        ConecClient alice = client("alice", clients.issueClient(new ClientId("alice")));
        client("bob", clients.issueClient(new ClientId("bob")));
        assertThat(alice.open("bob").join().peer()).isEqualTo("bob");
    }

    @Test
    void aSelfSignedClientIsRefused() {
        assertThatThrownBy(() -> client("eve", Identity.generate(new ClientId("eve"))))
                .rootCause()
                .isInstanceOf(ConecException.class);
        assertThat(coordinator.channels()).isEmpty();
    }

    @Test
    void aCertificateForAnotherIdIsRefusedByTheClientItself() {
        assertThatThrownBy(() -> client("alice", clients.issueClient(new ClientId("bob"))))
                .hasStackTraceContaining("CERTIFICATE_NAME_MISMATCH");
    }

    @Test
    void anExpiredCertificateIsRefusedByTheClientItself() {
        Instant past = Instant.now().minus(Duration.ofDays(2));
        Identity expired =
                clients.issueClient(new ClientId("alice"), new Validity(past, past.plus(Duration.ofDays(1))));
        assertThatThrownBy(() -> client("alice", expired)).hasStackTraceContaining("CERTIFICATE_EXPIRED");
    }

    @Test
    void aCoordinatorOfAnotherNameIsRefused() {
        store("alice", clients.issueClient(new ClientId("alice")));
        assertThatThrownBy(() -> client(
                        "alice",
                        clients.issueClient(new ClientId("alice")),
                        "--conec.client.coordinator.host=other.example"))
                .hasStackTraceContaining("CERTIFICATE_NAME_MISMATCH");
    }

    @Test
    void theClientsAuthorityDoesNotVouchForACoordinator() {
        store("alice", clients.issueClient(new ClientId("alice")));
        assertThatThrownBy(() -> applications.client(
                        "alice",
                        coordinator,
                        Application.class,
                        NO_FINGERPRINT,
                        keystore("own", "alice"),
                        privateKey("own", "alice"),
                        truststore("own", "clients"),
                        "--conec.client.ssl.bundle=own"))
                .hasStackTraceContaining("CERTIFICATE_NOT_TRUSTED");
    }

    private ConecClient client(String id, Identity identity, String... arguments) {
        store(id, identity);
        String[] all = Stream.concat(
                        Stream.of(
                                NO_FINGERPRINT,
                                keystore("own", id),
                                privateKey("own", id),
                                truststore("own", "coordinators"),
                                truststore("peers", "clients"),
                                "--conec.client.ssl.bundle=own",
                                "--conec.client.peer.trust=ca",
                                "--conec.client.peer.ssl.bundle=peers"),
                        Stream.of(arguments))
                .toArray(String[]::new);
        return applications.client(id, coordinator, Application.class, all).getBean(ConecClient.class);
    }

    private void store(String name, Identity identity) {
        identity.store(directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
    }

    private String keystore(String bundle, String name) {
        return pem(bundle, "keystore.certificate", name + ".crt");
    }

    private String privateKey(String bundle, String name) {
        return pem(bundle, "keystore.private-key", name + ".key");
    }

    private String truststore(String bundle, String name) {
        return pem(bundle, "truststore.certificate", name + ".crt");
    }

    private String pem(String bundle, String property, String file) {
        return "--spring.ssl.bundle.pem." + bundle + "." + property + "="
                + directory.resolve(file).toUri();
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Application {}
}
