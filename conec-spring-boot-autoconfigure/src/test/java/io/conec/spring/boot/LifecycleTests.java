package io.conec.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.client.ClientStatus;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.boot.context.LocalConecPort;
import io.conec.spring.listener.ConecListenerContainer;
import io.conec.spring.listener.ConecListenerEndpointRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ApplicationContextException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

final class LifecycleTests {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    private Path directory;

    private Applications applications;

    @BeforeEach
    void start() {
        applications = new Applications(directory);
    }

    @AfterEach
    void stop() {
        applications.close();
    }

    @Test
    void stoppedApplicationsStartAgain() throws Exception {
        ConfigurableApplicationContext coordinator = applications.coordinator(Application.class);
        int port = coordinator.getBean(ConecCoordinator.class).localAddress().getPort();
        ConfigurableApplicationContext client =
                applications.client("alice", coordinator.getBean(ConecCoordinator.class), Application.class);
        ConecClient alice = client.getBean(ConecClient.class);

        client.stop();
        assertThat(alice.isRunning()).isFalse();
        await().atMost(LIMIT)
                .until(() ->
                        coordinator.getBean(ConecCoordinator.class).channels().isEmpty());
        client.start();
        assertThat(alice.status().state()).isEqualTo(ClientStatus.State.CONNECTED);
        assertAnswers(alice);

        assertThat(coordinator.getEnvironment().getProperty("local.conec.port", Integer.class))
                .isEqualTo(port);
        client.stop();
        coordinator.stop();
        coordinator.start();
        assertThat(coordinator.getBean(ConecCoordinator.class).isRunning()).isTrue();
        assertThat(coordinator.getEnvironment().getProperty("local.conec.port", Integer.class))
                .isEqualTo(coordinator
                        .getBean(ConecCoordinator.class)
                        .localAddress()
                        .getPort());
    }

    @Test
    void thePortIsInjected() {
        ConfigurableApplicationContext coordinator = applications.coordinator(Application.class);
        PortHolder holder = coordinator.getAutowireCapableBeanFactory().createBean(PortHolder.class);
        assertThat(holder.port)
                .isEqualTo(coordinator
                        .getBean(ConecCoordinator.class)
                        .localAddress()
                        .getPort())
                .isPositive();
    }

    @Test
    void oneThreadKeepsTheApplicationAliveWhileItRuns() {
        ConfigurableApplicationContext coordinator = applications.coordinator(Application.class);
        assertThat(keepAliveThreads()).isEqualTo(1);
        coordinator.close();
        await().atMost(LIMIT).until(() -> keepAliveThreads() == 0);
    }

    @Test
    void theTransportStartsBeforeAndStopsAfterWebServerAndListeners() {
        ConfigurableApplicationContext coordinator = applications.coordinator(Application.class);
        SmartLifecycle transport = coordinator.getBean("conecCoordinatorLifecycle", SmartLifecycle.class);
        ConecListenerEndpointRegistry listeners = coordinator.getBean(ConecListenerEndpointRegistry.class);
        assertThat(transport.getPhase()).isEqualTo(Integer.MAX_VALUE - 4096);
        assertThat(listeners.getPhase()).isEqualTo(Integer.MAX_VALUE - 100);
    }

    @Test
    void failFastStopsAnApplicationWithoutItsCoordinator() {
        ConecCoordinator coordinator =
                applications.coordinator(Application.class).getBean(ConecCoordinator.class);
        assertThatExceptionOfType(ApplicationContextException.class)
                .isThrownBy(() -> applications.client(
                        "alice",
                        coordinator,
                        Application.class,
                        "--conec.client.coordinator.certificate-fingerprint=" + "AB".repeat(32)))
                .withRootCauseInstanceOf(Exception.class)
                .satisfies(e -> assertThat(e).hasStackTraceContaining("CERTIFICATE_NOT_TRUSTED"));
        assertThat(coordinator.channels()).isEmpty();
    }

    @Test
    void whatArrivesBeforeTheListenersHaveStartedWaitsForThem() throws Exception {
        ConecCoordinator coordinator =
                applications.coordinator(Application.class).getBean(ConecCoordinator.class);
        EarlyMessage early = applications
                .client("alice", coordinator, EarlyApplication.class)
                .getBean(EarlyMessage.class);
        ConecStream stream = early.stream;
        assertThat(stream).isNotNull();
        assertThat(stream.receive(LIMIT).orElseThrow().text()).isEqualTo("EARLY");
    }

    @Test
    void lazyApplicationsListenAndHearEventsToo() throws Exception {
        ConfigurableApplicationContext coordinator =
                applications.coordinator(LazyApplication.class, "--spring.main.lazy-initialization=true");
        ConecClient alice = applications
                .client("alice", coordinator.getBean(ConecCoordinator.class), EarlyApplication.class)
                .getBean(ConecClient.class);
        assertAnswers(alice);
        assertThat(coordinator.getBean(LazyEvents.class).joined.await(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void aRunningListenerFinishesAndItsAnswerIsDelivered() throws Exception {
        ConfigurableApplicationContext context = applications.coordinator(BlockingApplication.class);
        BlockingApplication application = context.getBean(BlockingApplication.class);
        ConecClient alice = applications
                .client("alice", context.getBean(ConecCoordinator.class), Application.class)
                .getBean(ConecClient.class);
        ConecStream stream =
                alice.coordinator().orElseThrow().openStream("blocks").join();
        stream.send("x");
        application.entered.await();
        Thread stopping = new Thread(context.getBean(ConecListenerEndpointRegistry.class)::stop);
        stopping.start();
        await().atMost(LIMIT)
                .until(() ->
                        !context.getBean(ConecListenerEndpointRegistry.class).isRunning());
        assertRefused(alice, ErrorCode.SHUTTING_DOWN);
        application.released.countDown();
        stopping.join();
        assertThat(stream.receive(LIMIT).orElseThrow().text()).isEqualTo("finished");
        assertThat(stream.receive(LIMIT)).isEmpty();
    }

    @Test
    void anIdleStreamDoesNotHoldUpTheStop() throws Exception {
        ConfigurableApplicationContext context =
                applications.coordinator(Application.class, "--conec.shutdown.grace-period=1h");
        ConecClient alice = applications
                .client("alice", context.getBean(ConecCoordinator.class), Application.class)
                .getBean(ConecClient.class);
        ConecStream stream =
                alice.coordinator().orElseThrow().openStream("upper").join();
        stream.send("x");
        assertThat(stream.receive(LIMIT).orElseThrow().text()).isEqualTo("X");
        context.getBean(ConecListenerEndpointRegistry.class).stop();
        assertThat(stream.receive(LIMIT)).isEmpty();
    }

    @Test
    void listenersThatAreNotToStartHandleNothing() {
        ConfigurableApplicationContext context =
                applications.coordinator(Application.class, "--conec.listener.auto-startup=false");
        ConecClient alice = applications
                .client("alice", context.getBean(ConecCoordinator.class), Application.class)
                .getBean(ConecClient.class);
        assertRefused(alice, ErrorCode.NO_HANDLER);
        context.getBean(ConecListenerEndpointRegistry.class).containers().forEach(ConecListenerContainer::start);
        alice.coordinator().orElseThrow().openStream("upper").join().close();
    }

    @Test
    void aRestartStartsTheListenersThatRanBefore() {
        ConfigurableApplicationContext context = applications.coordinator(ThreeListeners.class);
        ConecListenerEndpointRegistry registry = context.getBean(ConecListenerEndpointRegistry.class);
        registry.container("manual").orElseThrow().start();
        registry.container("stopped").orElseThrow().stop();
        for (int i = 0; i < 2; i++) {
            context.stop();
            assertThat(registry.containers()).noneMatch(ConecListenerContainer::isRunning);
            context.start();
            assertThat(registry.containers())
                    .filteredOn(ConecListenerContainer::isRunning)
                    .extracting(ConecListenerContainer::id)
                    .containsExactlyInAnyOrder("automatic", "manual");
        }
    }

    private static void assertAnswers(ConecClient client) throws InterruptedException {
        try (ConecStream stream =
                client.coordinator().orElseThrow().openStream("upper").join()) {
            stream.send("x");
            assertThat(stream.receive(LIMIT).orElseThrow().text()).isEqualTo("X");
        }
    }

    private static void assertRefused(ConecClient client, ErrorCode code) {
        Exception failure = catchThrowableOfType(
                Exception.class,
                () -> client.coordinator().orElseThrow().openStream("upper").join());
        assertThat(failure)
                .cause()
                .isInstanceOfSatisfying(
                        ConecException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private static long keepAliveThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("conec-keep-alive") && !thread.isDaemon())
                .count();
    }

    static final class PortHolder {
        @LocalConecPort
        private int port;
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class Application {
        @ConecChannelListener(stream = "upper")
        String upper(String text) {
            return text.toUpperCase(Locale.ROOT);
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class LazyApplication {
        @Bean
        Application listening() {
            return new Application();
        }

        @Bean
        LazyEvents events() {
            return new LazyEvents();
        }
    }

    static class LazyEvents {
        private final CountDownLatch joined = new CountDownLatch(1);

        @EventListener
        void joined(ConecEvent.ClientJoined event) {
            joined.countDown();
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class ThreeListeners {
        @ConecChannelListener(id = "automatic", stream = "a")
        void automatic(String text) {}

        @ConecChannelListener(id = "stopped", stream = "b")
        void stopped(String text) {}

        @ConecChannelListener(id = "manual", stream = "c", autoStartup = "false")
        void manual(String text) {}
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class BlockingApplication extends Application {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch released = new CountDownLatch(1);

        @ConecChannelListener(stream = "blocks")
        String blocks(String text) throws InterruptedException {
            entered.countDown();
            released.await();
            return "finished";
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class EarlyApplication extends Application {
        @Bean
        EarlyMessage earlyMessage(ConecClient client, ObjectProvider<ConecListenerEndpointRegistry> listeners) {
            return new EarlyMessage(client, listeners);
        }
    }

    /** Sends to its own application as soon as the client is connected, which is before the listeners start. */
    static final class EarlyMessage implements SmartLifecycle {
        private final ConecClient client;
        // A provider: what a bean depends on starts before it.
        private final ObjectProvider<ConecListenerEndpointRegistry> listeners;
        private @Nullable ConecStream stream;

        EarlyMessage(ConecClient client, ObjectProvider<ConecListenerEndpointRegistry> listeners) {
            this.client = client;
            this.listeners = listeners;
        }

        @Override
        public void start() {
            assertThat(listeners.getObject().isRunning()).isFalse();
            stream = client.open("alice").join().openStream("upper").join();
            stream.send("early");
        }

        @Override
        public void stop() {
            stream = null;
        }

        @Override
        public boolean isRunning() {
            return stream != null;
        }

        @Override
        public int getPhase() {
            return DEFAULT_PHASE - 2048;
        }
    }
}
