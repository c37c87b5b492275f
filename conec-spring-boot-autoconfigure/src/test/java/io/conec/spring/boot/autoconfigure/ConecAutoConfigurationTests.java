package io.conec.spring.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ConecParty;
import io.conec.SharingExecutor;
import io.conec.client.ClientConfig;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.security.Identity;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.boot.autoconfigure.endpoint.ConecEndpoint;
import io.conec.spring.boot.autoconfigure.endpoint.ConecEndpointAutoConfiguration;
import io.conec.spring.boot.autoconfigure.health.ConecHealthContributorAutoConfiguration;
import io.conec.spring.boot.autoconfigure.listener.ConecListenerAutoConfiguration;
import io.conec.spring.boot.autoconfigure.messaging.ConecMessagingAutoConfiguration;
import io.conec.spring.boot.autoconfigure.metrics.ConecMetrics;
import io.conec.spring.boot.autoconfigure.metrics.ConecMetricsAutoConfiguration;
import io.conec.spring.core.ConecTemplate;
import io.conec.spring.core.ReactiveConecTemplate;
import io.conec.spring.listener.ConecListenerContainer;
import io.conec.spring.listener.ConecListenerEndpointRegistry;
import io.conec.spring.service.ConecServiceProxyFactory;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.messaging.handler.invocation.InvocableHandlerMethod;
import tools.jackson.databind.json.JsonMapper;

/** Which beans there are, and which not. */
@ExtendWith(OutputCaptureExtension.class)
final class ConecAutoConfigurationTests {
    @TempDir
    private Path directory;

    private ApplicationContextRunner runner = new ApplicationContextRunner();
    private ApplicationContextRunner coordinator = runner;
    private ApplicationContextRunner client = runner;

    @BeforeEach
    void configure() {
        runner = new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        ConecAutoConfiguration.class,
                        ConecCoordinatorAutoConfiguration.class,
                        ConecClientAutoConfiguration.class,
                        ConecMessagingAutoConfiguration.class,
                        ConecListenerAutoConfiguration.class,
                        ConecHealthContributorAutoConfiguration.class,
                        ConecMetricsAutoConfiguration.class,
                        ConecEndpointAutoConfiguration.class,
                        JacksonAutoConfiguration.class))
                .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
                .withPropertyValues("management.endpoints.web.exposure.include=conec");
        coordinator = runner.withPropertyValues(
                "conec.mode=coordinator",
                "conec.coordinator.port=0",
                "conec.coordinator.address=127.0.0.1",
                "conec.coordinator.development-certificate.directory=" + directory);
        client = runner.withPropertyValues(
                "conec.mode=client",
                "conec.client.id=alice",
                "conec.client.bind-address=127.0.0.1",
                "conec.client.coordinator.host=127.0.0.1",
                // Nobody listens there: the discard port.
                "conec.client.coordinator.port=9");
    }

    @Test
    void nothingHappensWithoutMode() {
        runner.run(context -> assertThat(context)
                .doesNotHaveBean(ConecParty.class)
                .doesNotHaveBean(ConecProperties.class)
                .doesNotHaveBean(ConecListenerEndpointRegistry.class)
                .doesNotHaveBean(ConecMetrics.class)
                .doesNotHaveBean(ConecEndpoint.class)
                .doesNotHaveBean("conecHealthContributor"));
    }

    @Test
    void aMisspeltModeFailsTheStart() {
        runner.withPropertyValues("conec.mode=cleint")
                .run(context -> assertThat(context).getFailure().rootCause().hasMessageContaining("cleint"));
    }

    @Test
    void anOlderNettyIsToldAtTheStart(CapturedOutput output) throws Exception {
        Path metaInf = Files.createDirectories(directory.resolve("META-INF"));
        Files.writeString(metaInf.resolve("io.netty.versions.properties"), """
                netty-codec-classes-quic.version=4.2.17.Final
                netty-codec-classes-quic.buildDate=2026-01-01 00:00:00 +0000
                netty-codec-classes-quic.commitDate=2026-01-01 00:00:00 +0000
                netty-codec-classes-quic.shortCommitHash=0
                netty-codec-classes-quic.longCommitHash=0
                netty-codec-classes-quic.repoStatus=clean
                """);
        URL[] older = {directory.toUri().toURL()};
        try (URLClassLoader classPath = new URLClassLoader(older, getClass().getClassLoader())) {
            coordinator.run(context -> assertThat(output).doesNotContain("netty.version"));
            coordinator
                    .withClassLoader(classPath)
                    .run(context -> assertThat(output)
                            .containsOnlyOnce("netty-codec-classes-quic 4.2.17.Final is on the class path")
                            .contains("Set the property netty.version to 4.2.18.Final"));
        }
    }

    @Test
    void modeCoordinatorMakesACoordinatorThatRuns() {
        coordinator.run(context -> {
            assertThat(context).hasSingleBean(ConecCoordinator.class).doesNotHaveBean(ConecClient.class);
            assertThat(context.getBean(ConecCoordinator.class).isRunning()).isTrue();
        });
    }

    @Test
    void modeClientMakesAClientThatRunsWithoutWaitingForTheCoordinator() {
        client.run(context -> {
            assertThat(context).hasSingleBean(ConecClient.class).doesNotHaveBean(ConecCoordinator.class);
            assertThat(context.getBean(ConecClient.class).isRunning()).isTrue();
        });
    }

    @Test
    void ownCoordinatorReplacesTheAutoConfiguredOneAndIsStarted() {
        ConecCoordinator own =
                new ConecCoordinator(CoordinatorConfig.builder(Identity.generateForHosts(List.of("localhost")))
                        .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .build());
        coordinator.withBean(ConecCoordinator.class, () -> own).run(context -> {
            assertThat(context.getBean(ConecCoordinator.class)).isSameAs(own);
            assertThat(own.isRunning()).isTrue();
        });
        assertThat(own.isRunning()).isFalse();
    }

    @Test
    void customizersAreCalledInOrderAfterTheProperties() {
        client.withPropertyValues("conec.client.coordinator.port=1")
                .withUserConfiguration(Customizers.class)
                .run(context -> assertThat(
                                context.getBean(ConecClient.class).config().coordinatorPort())
                        .isEqualTo(9));
    }

    @Test
    void connectionDetailsReplaceTheCoordinatorsProperties() {
        client.withBean(ConecClientConnectionDetails.class, OtherCoordinator::new)
                .run(context -> {
                    ClientConfig config = context.getBean(ConecClient.class).config();
                    assertThat(config.coordinatorHost()).isEqualTo("127.0.0.2");
                    assertThat(config.coordinatorPort()).isEqualTo(9);
                });
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void virtualThreadsRunHandlersIfEnabled() {
        client.withPropertyValues("spring.threads.virtual.enabled=true")
                .run(context -> assertThat(
                                context.getBean(ConecClient.class).config().executor())
                        .isInstanceOf(VirtualThreadTaskExecutor.class));
    }

    @Test
    void platformThreadsRunHandlersOtherwise() {
        client.withPropertyValues("spring.threads.virtual.enabled=false").run(context -> {
            Executor executor = context.getBean(ConecClient.class).config().executor();
            assertThat(executor).isInstanceOf(SharingExecutor.class);
            Thread thread = CompletableFuture.supplyAsync(Thread::currentThread, executor)
                    .join();
            assertThat(thread.getName()).startsWith("conec-");
            assertThat(thread.isDaemon()).isTrue();
        });
    }

    @Test
    void aPortInUseFailsTheStart() {
        coordinator.run(first -> coordinator
                .withPropertyValues("conec.coordinator.port="
                        + first.getBean(ConecCoordinator.class).localAddress().getPort())
                .run(second -> {
                    ConecCoordinator undisturbed = first.getBean(ConecCoordinator.class);
                    int port = undisturbed.localAddress().getPort();
                    assertThat(second)
                            .getFailure()
                            .rootCause()
                            .satisfies(cause -> assertThat(cause).hasMessageContaining("in use"));
                    assertThat(second)
                            .getFailure()
                            .hasStackTraceContaining("BIND_FAILED")
                            .hasStackTraceContaining("UDP port " + port + " at 127.0.0.1 cannot be bound");
                    client.withPropertyValues(
                                    "conec.client.fail-fast=true",
                                    "conec.client.coordinator.port=" + port,
                                    "conec.client.coordinator.certificate-fingerprint="
                                            + undisturbed.config().identity().fingerprint())
                            .run(third -> assertThat(third).hasNotFailed());
                }));
    }

    @Test
    void listenersNeedSpringMessaging() {
        client.withClassLoader(new FilteredClassLoader(InvocableHandlerMethod.class))
                .run(context -> assertThat(context)
                        .hasSingleBean(ConecClient.class)
                        .doesNotHaveBean(ConecListenerEndpointRegistry.class));
    }

    @Test
    void reactiveTypesNeedReactorAndNothingElseDoes() {
        client.withClassLoader(new FilteredClassLoader("reactor", "org.reactivestreams"))
                .withBean(GreetingListener.class)
                .run(context -> assertThat(context)
                        .hasSingleBean(ConecTemplate.class)
                        .hasSingleBean(ConecServiceProxyFactory.class)
                        .hasSingleBean(ConecListenerEndpointRegistry.class)
                        .doesNotHaveBean(ReactiveConecTemplate.class));
        client.run(context -> assertThat(context).hasSingleBean(ReactiveConecTemplate.class));
    }

    @Test
    void healthNeedsSpringBootHealth() {
        client.withClassLoader(new FilteredClassLoader(Health.class))
                .run(context ->
                        assertThat(context).hasSingleBean(ConecClient.class).doesNotHaveBean("conecHealthContributor"));
    }

    @Test
    void healthCanBeDisabled() {
        client.withPropertyValues("management.health.conec.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean("conecHealthContributor"));
    }

    @Test
    void metersNeedMicrometer() {
        client.withClassLoader(new FilteredClassLoader("io.micrometer.core"))
                .run(context ->
                        assertThat(context).hasSingleBean(ConecClient.class).doesNotHaveBean(ConecMetrics.class));
    }

    @Test
    void endpointNeedsExposure() {
        client.withPropertyValues("management.endpoints.web.exposure.include=health")
                .run(context -> assertThat(context).doesNotHaveBean(ConecEndpoint.class));
        client.run(context -> assertThat(context).hasSingleBean(ConecEndpoint.class));
    }

    @Test
    void objectsNeedJackson() {
        client.withClassLoader(new FilteredClassLoader(JsonMapper.class))
                .withUserConfiguration(ObjectListener.class)
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasMessageContaining("objectListener")
                        .hasMessageContaining("handle")
                        .hasMessageContaining("JsonMapper"));
    }

    @Test
    void aListenerThatFitsNothingFailsTheStartWithBeanAndMethod() {
        client.withUserConfiguration(WrongListener.class)
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasMessageContaining("wrongListener")
                        .hasMessageContaining("nothing()")
                        .hasMessageContaining("takes no argument"));
    }

    @Test
    void twoListenersForOneStreamFailTheStartWithBothMethods() {
        client.withPropertyValues("peer=b*")
                .withUserConfiguration(OverlappingListeners.class)
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasMessageContaining("one(")
                        .hasMessageContaining("other(")
                        .hasMessageContaining("one handler only"));
    }

    @Test
    void listenersOfDifferentPeersMayShareAStream() {
        client.withPropertyValues("peer=carol")
                .withUserConfiguration(OverlappingListeners.class)
                .run(context -> assertThat(context.getBean(ConecListenerEndpointRegistry.class)
                                .ids())
                        .containsExactlyInAnyOrder("overlappingListeners.one", "overlappingListeners.other"));
    }

    @Test
    void aProxyThatHidesItsListenerFailsTheStartWithTheMethod() {
        client.withBean("hidden", Greeter.class, () -> proxy(false))
                .run(context -> assertThat(context)
                        .getFailure()
                        .hasMessageContaining("hidden")
                        .hasMessageContaining("greet"));
    }

    @Test
    void listenersOfProxiedClassesAreFound() {
        client.withBean("proxied", Greeter.class, () -> proxy(true))
                .run(context -> assertThat(context.getBean(ConecListenerEndpointRegistry.class)
                                .ids())
                        .containsExactly("proxied.greet"));
    }

    private static Greeter proxy(boolean ofClass) {
        ProxyFactory factory = new ProxyFactory(new GreetingListener());
        factory.setProxyTargetClass(ofClass);
        return (Greeter) factory.getProxy();
    }

    @Test
    void listenersDoNotStartIfToldSo() {
        client.withPropertyValues("conec.listener.auto-startup=false")
                .withBean(GreetingListener.class)
                .run(context -> assertThat(context.getBean(ConecListenerEndpointRegistry.class)
                                .containers())
                        .hasSize(1)
                        .noneMatch(ConecListenerContainer::isRunning));
    }

    @Configuration(proxyBeanMethods = false)
    static class Customizers {
        @Bean
        @Order(2)
        ClientConfigCustomizer second() {
            return builder -> builder.coordinatorPort(9);
        }

        @Bean
        @Order(1)
        ClientConfigCustomizer first() {
            return builder -> builder.coordinatorPort(8);
        }
    }

    private static final class OtherCoordinator implements ConecClientConnectionDetails {
        @Override
        public String getHost() {
            return "127.0.0.2";
        }

        @Override
        public int getPort() {
            return 9;
        }
    }

    @Configuration(value = "objectListener", proxyBeanMethods = false)
    static class ObjectListener {
        @ConecChannelListener(stream = "a")
        void handle(List<String> payload) {}
    }

    @Configuration(value = "wrongListener", proxyBeanMethods = false)
    static class WrongListener {
        @ConecChannelListener(stream = "a")
        void nothing() {}
    }

    @Configuration(value = "overlappingListeners", proxyBeanMethods = false)
    static class OverlappingListeners {
        @ConecChannelListener(stream = "chat", peer = "bob")
        void one(String payload) {}

        @ConecChannelListener(stream = "chat*", peer = "${peer}")
        void other(String payload) {}
    }

    interface Greeter {}

    static class GreetingListener implements Greeter {
        @ConecChannelListener(stream = "greet")
        void greet(String name) {}
    }
}
