package io.conec.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.core.ConecTemplate;
import io.conec.spring.service.ConecExchange;
import io.conec.spring.service.ConecServiceProxyFactory;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/** What a newcomer does wrong, and what the application says to that in place of a stack trace. */
@ExtendWith(OutputCaptureExtension.class)
final class StartMistakesTests {
    @Test
    void noMode(CapturedOutput output) {
        assertFails(NeedsTemplate.class);
        assertThat(output)
                .contains("The application wants a ConecTemplate, but conec.mode is not set")
                .contains("Set conec.mode to \"client\"");
    }

    @Test
    void noModeAndNothingThatWantsABean(CapturedOutput output) {
        run(Plain.class, "--conec.client.id=a").close();
        assertThat(output)
                .contains("The properties conec.client.* have no effect, because conec.mode is not set")
                .doesNotContain("conec.coordinator.*");
        int before = output.length();
        new SpringApplicationBuilder(Plain.class)
                .web(WebApplicationType.NONE)
                .run("--conec.transport.max-streams=10")
                .close();
        assertThat(output.toString().substring(before)).doesNotContain("have no effect");
    }

    @Test
    void theOtherMode(CapturedOutput output) {
        assertFails(
                NeedsCoordinator.class,
                "--conec.mode=client",
                "--conec.client.id=a",
                "--conec.client.coordinator.host=b");
        assertThat(output)
                .contains("The application wants a ConecCoordinator, but conec.mode is \"client\"")
                .contains("Set conec.mode to \"coordinator\"");
    }

    @Test
    void aMisspeltMode(CapturedOutput output) {
        assertFails(Plain.class, "--conec.mode=cleint");
        assertThat(output).contains("conec.mode", "cleint", "CLIENT", "COORDINATOR");
    }

    @Test
    void noClientId(CapturedOutput output) {
        assertFails(Plain.class, "--conec.mode=client");
        assertThat(output).contains("conec.client.id is missing", "Set it to this client's own name");
    }

    @Test
    void noHost(CapturedOutput output) {
        assertFails(Plain.class, "--conec.mode=client", "--conec.client.id=a");
        assertThat(output).contains("conec.client.coordinator.host is missing");
    }

    @Test
    void noSuchSslBundle(CapturedOutput output) {
        assertFails(
                Plain.class,
                "--conec.mode=client",
                "--conec.client.id=a",
                "--conec.client.coordinator.host=b",
                "--conec.client.ssl.bundle=mine");
        assertThat(output)
                .contains("conec.client.ssl.bundle names the SSL bundle \"mine\", which does not exist")
                .contains("spring.ssl.bundle.pem.mine");
    }

    @Test
    void aPortInUse(CapturedOutput output, @TempDir Path directory) throws IOException {
        try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            assertFails(
                    Plain.class,
                    "--conec.mode=coordinator",
                    "--conec.coordinator.address=127.0.0.1",
                    "--conec.coordinator.port=" + taken.getLocalPort(),
                    "--conec.coordinator.development-certificate.directory=" + directory);
            assertThat(output)
                    .contains("conec could not be started (BIND_FAILED)", Integer.toString(taken.getLocalPort()))
                    .contains("choose another one: conec.coordinator.port");
        }
    }

    @Test
    void noCoordinatorThere(CapturedOutput output) throws IOException {
        try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            assertFails(
                    Plain.class,
                    "--conec.mode=client",
                    "--conec.client.id=a",
                    "--conec.client.coordinator.host=localhost",
                    "--conec.client.coordinator.address=127.0.0.1",
                    "--conec.client.coordinator.port=" + silent.getLocalPort(),
                    "--conec.client.connect-timeout=300ms",
                    "--conec.client.fail-fast=true");
        }
        assertThat(output)
                .contains("conec could not be started (", "Check that the coordinator runs")
                .contains("conec.client.fail-fast=false");
    }

    @Test
    void aCoordinatorThatIsNotTrusted(CapturedOutput output, @TempDir Path directory) {
        try (Applications applications = new Applications(directory)) {
            ConecCoordinator coordinator = applications.coordinator(Plain.class).getBean(ConecCoordinator.class);
            assertFails(
                    Plain.class,
                    "--conec.mode=client",
                    "--conec.client.id=a",
                    "--conec.client.coordinator.host=localhost",
                    "--conec.client.coordinator.address=127.0.0.1",
                    "--conec.client.coordinator.port="
                            + coordinator.localAddress().getPort(),
                    "--conec.client.fail-fast=true");
        }
        assertThat(output)
                .contains("conec could not be started (CERTIFICATE_NOT_TRUSTED)")
                .contains("by its fingerprint", "conec.client.coordinator.certificate-fingerprint");
    }

    @Test
    void aListenerThatFitsNothing(CapturedOutput output) {
        assertFails(
                WrongListener.class, "--conec.mode=client", "--conec.client.id=a", "--conec.client.coordinator.host=b");
        assertThat(output)
                .contains("@ConecChannelListener method", "nothing()", "takes no argument")
                .contains("Correct the method or its annotation");
    }

    @Test
    void anExchangeThatNamesNoStream(CapturedOutput output) {
        assertFails(
                WrongExchange.class, "--conec.mode=client", "--conec.client.id=a", "--conec.client.coordinator.host=b");
        assertThat(output)
                .contains("@ConecExchange method", "unnamed", "names no stream")
                .contains("Correct the interface");
    }

    @Test
    void anAttributeThatIsNoNumber(CapturedOutput output) {
        assertFails(
                WrongAttribute.class,
                "--conec.mode=client",
                "--conec.client.id=a",
                "--conec.client.coordinator.host=b");
        assertThat(output).contains("the attribute \"concurrency\" has to be a whole number, it is \"many\"");
    }

    private static void assertFails(Class<?> application, String... arguments) {
        assertThatThrownBy(() -> run(application, arguments)).isNotInstanceOf(AssertionError.class);
    }

    private static ConfigurableApplicationContext run(Class<?> application, String... arguments) {
        SpringApplication spring = new SpringApplication(application);
        spring.setWebApplicationType(WebApplicationType.NONE);
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--spring.main.banner-mode=off");
        all.add("--conec.client.bind-address=127.0.0.1");
        return spring.run(all.toArray(String[]::new));
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Plain {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class NeedsTemplate {
        @Bean
        Object uses(ConecTemplate template) {
            return template.to("bob", "price");
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class NeedsCoordinator {
        @Bean
        String uses(ConecCoordinator coordinator) {
            return coordinator.name();
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class WrongListener {
        @ConecChannelListener(stream = "a")
        void nothing() {}
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class WrongAttribute {
        @ConecChannelListener(stream = "a", concurrency = "many")
        void text(String text) {}
    }

    interface Unnamed {
        @ConecExchange
        String unnamed(String text);
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class WrongExchange {
        @Bean
        Unnamed unnamed(ConecServiceProxyFactory factory, ConecClient client) {
            assertThat(client.isRunning()).isFalse();
            return factory.createClient(Unnamed.class);
        }
    }
}
