package io.conec.spring.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.conec.security.CertificateAuthority;
import io.conec.security.Identity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

/** One clear error, naming the property, for each thing that can be missing, wrong or contradictory. */
@ExtendWith(OutputCaptureExtension.class)
final class InvalidConecPropertyTests {
    private static final String FINGERPRINT = "conec.client.coordinator.certificate-fingerprint";

    @TempDir
    private Path directory;

    @Test
    void theClientsIdIsMissing() {
        assertClientFails("conec.client.id", "conec.client.id is missing", "conec.client.coordinator.host=b");
    }

    @Test
    void theCoordinatorsHostIsMissing() {
        assertClientFails(
                "conec.client.coordinator.host", "conec.client.coordinator.host is missing", "conec.client.id=a");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            conec.client.id                             | A B     | "A B" is no client id
            conec.client.coordinator.port               | 0       | between 1 and 65535, it is 0
            conec.client.bind-port                      | 65536   | between 0 and 65535
            conec.client.connect-timeout                | 0s      | positive
            conec.client.coordinator.certificate-fingerprint | AB:CD | no SHA-256 fingerprint
            conec.client.ssl.bundle                     | nothing | names the SSL bundle "nothing", which does not exist
            conec.client.peer.ssl.bundle                | nothing | names the SSL bundle "nothing", which does not exist
            conec.client.reconnect.initial-delay        | 0s      | at least 1 ms
            conec.client.reconnect.max-delay            | 1ms     | at least as long as initialDelay
            conec.client.reconnect.multiplier           | 0.5     | at least 1
            conec.client.reconnect.jitter               | 2       | between 0 and 1
            conec.transport.idle-timeout                | 1ms     | at least 1 s
            conec.transport.keep-alive-interval         | 1h      | shorter than the idle timeout
            conec.transport.max-message-size            | 0B      | between 1 and 1073741824
            conec.transport.max-message-size            | 8GB     | between 0B and 1GB
            conec.transport.max-header-size             | 1B      | between 64 and
            conec.transport.max-streams                 | 0       | between 1 and
            conec.transport.connection-window-size      | 20KB    | not smaller than streamWindowBytes
            """)
    void aClientsValueIsWrong(String property, String value, String problem) {
        assertClientFails(
                property, problem, "conec.client.coordinator.host=b", "conec.client.id=a", property + "=" + value);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            conec.coordinator.port                      | -1      | between 0 and 65535, it is -1
            conec.coordinator.ssl.bundle                | nothing | names the SSL bundle "nothing", which does not exist
            conec.coordinator.max-clients               | 0       | positive
            conec.coordinator.max-handshakes            | 0       | positive
            conec.coordinator.max-channels-per-client   | 0       | positive
            conec.coordinator.introductions-per-second  | 0       | positive
            conec.coordinator.relay-bytes-per-second    | -1B     | positive, or 0
            conec.coordinator.relay-threads             | 65      | between 0 and 64, it is 65
            conec.coordinator.relay-threads             | -1      | between 0 and 64, it is -1
            conec.coordinator.group-limits.max-groups   | 0       | positive
            conec.coordinator.group-limits.max-block    | 0s      | positive
            conec.coordinator.group-limits.max-queued-size | 3GB  | between 0B and 1GB
            """)
    void aCoordinatorsValueIsWrong(String property, String value, String problem) {
        assertCoordinatorFails(
                new Configs(directory),
                property,
                problem,
                "conec.coordinator.development-certificate.directory=" + directory.resolve("made"),
                property + "=" + value);
    }

    /** Of the two analyzers that know what is in the chain of causes, Boot takes the first that answers. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            conec.coordinator.max-clients    | 0   | conec.coordinator.max-clients has to be positive, it is 0.
            conec.coordinator.port           | -1  | conec.coordinator.port has to be between 0 and 65535, it is -1.
            conec.transport.idle-timeout     | 1ms | conec.transport.idle-timeout has to be at least 1 s.
            """)
    void theReportOfAFailedStartNamesTheProperty(
            String property, String value, String description, CapturedOutput output) {
        SpringApplication application = new SpringApplication(Application.class);
        application.setWebApplicationType(WebApplicationType.NONE);

        assertThatException()
                .isThrownBy(() -> application.run(
                        "--conec.mode=coordinator",
                        "--conec.coordinator.development-certificate.directory=" + directory,
                        "--" + property + "=" + value));

        assertThat(output)
                .contains("APPLICATION FAILED TO START")
                .containsSubsequence("Description:", description, "Action:", "Correct the property's value.");
    }

    @Test
    void fingerprintAndTrustStoreContradictEachOther() throws Exception {
        Configs configs = new Configs(directory);
        configs.trustBundle("roots", CertificateAuthority.create("roots"));
        assertClientFails(
                configs,
                FINGERPRINT,
                "so is the trust store of the SSL bundle",
                "conec.client.coordinator.host=b",
                "conec.client.id=a",
                "conec.client.ssl.bundle=roots",
                FINGERPRINT + "=" + "AB".repeat(32));
    }

    @Test
    void fingerprintAndOwnCertificateDoNot() throws Exception {
        Configs configs = new Configs(directory);
        configs.bundle("own", Identity.generateForHosts(List.of("a")));
        assertThat(configs.client(
                                "conec.client.coordinator.host=b",
                                "conec.client.id=a",
                                "conec.client.ssl.bundle=own",
                                FINGERPRINT + "=" + "AB".repeat(32))
                        .identity())
                .isNotNull();
    }

    @Test
    void aRuleIsIncompleteOrContradictsItself() {
        assertCoordinatorFails(
                new Configs(directory),
                "conec.coordinator.rules[0].access",
                "is missing",
                "conec.coordinator.development-certificate.directory=" + directory.resolve("made"),
                "conec.coordinator.rules[0].from=a");
        assertCoordinatorFails(
                new Configs(directory),
                "conec.coordinator.rules[1]",
                "a rule takes one of to, stream and group",
                "conec.coordinator.development-certificate.directory=" + directory.resolve("made"),
                "conec.coordinator.rules[0].access=allow",
                "conec.coordinator.rules[1].access=deny",
                "conec.coordinator.rules[1].to=b",
                "conec.coordinator.rules[1].group=c");
    }

    @Test
    void authoritiesForClientsAreMissing() {
        assertCoordinatorFails(
                new Configs(directory),
                "conec.coordinator.client-ssl.bundle",
                "is missing, but conec.coordinator.client-trust is \"ca\"",
                "conec.coordinator.client-trust=ca");
    }

    @Test
    void authoritiesForClientsContradictSelfSignedTrust() throws Exception {
        Configs configs = new Configs(directory);
        configs.trustBundle("roots", CertificateAuthority.create("roots"));
        assertCoordinatorFails(
                configs,
                "conec.coordinator.client-ssl.bundle",
                "but conec.coordinator.client-trust is \"self-signed\"",
                "conec.coordinator.client-ssl.bundle=roots");
    }

    @Test
    void authoritiesForClientsAreNotInTheBundle() throws Exception {
        Configs configs = new Configs(directory);
        configs.bundle("own", Identity.generateForHosts(List.of("a")));
        assertCoordinatorFails(
                configs,
                "conec.coordinator.client-ssl.bundle",
                "has no trust store",
                "conec.coordinator.client-trust=ca",
                "conec.coordinator.client-ssl.bundle=own");
    }

    @Test
    void theCoordinatorsBundleHasNoKey() throws Exception {
        Configs configs = new Configs(directory);
        configs.trustBundle("roots", CertificateAuthority.create("roots"));
        assertCoordinatorFails(
                configs, "conec.coordinator.ssl.bundle", "has no key store", "conec.coordinator.ssl.bundle=roots");
    }

    @Test
    void theDevelopmentCertificateCannotBeKept() throws Exception {
        Path file = Files.createFile(directory.resolve("file"));
        assertCoordinatorFails(
                new Configs(directory),
                "conec.coordinator.development-certificate.directory",
                file.toString(),
                "conec.coordinator.development-certificate.directory=" + file);
    }

    private void assertClientFails(String property, String problem, String... pairs) {
        assertClientFails(new Configs(directory), property, problem, pairs);
    }

    private static void assertClientFails(Configs configs, String property, String problem, String... pairs) {
        assertAnalysis(
                catchThrowableOfType(InvalidConecPropertyException.class, () -> configs.client(pairs)),
                property,
                problem);
    }

    private static void assertCoordinatorFails(Configs configs, String property, String problem, String... pairs) {
        assertAnalysis(
                catchThrowableOfType(InvalidConecPropertyException.class, () -> configs.coordinator(pairs)),
                property,
                problem);
    }

    private static void assertAnalysis(InvalidConecPropertyException failure, String property, String problem) {
        assertThat(failure).isNotNull();
        assertThat(failure.property()).isEqualTo(property);
        FailureAnalysis analysis = new InvalidConecPropertyFailureAnalyzer().analyze(new RuntimeException(failure));
        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription()).startsWith(property).contains(problem);
        assertThat(analysis.getAction()).endsWith(".");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
