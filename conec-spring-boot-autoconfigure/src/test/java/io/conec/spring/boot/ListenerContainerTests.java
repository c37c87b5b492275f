package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static io.conec.spring.boot.Streams.ask;
import static io.conec.spring.boot.Streams.failure;
import static io.conec.spring.boot.Streams.next;
import static io.conec.spring.boot.Streams.toCoordinator;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.listener.ConecListenerContainer;
import io.conec.spring.listener.ConecListenerEndpointRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import reactor.core.publisher.Mono;

/** How many calls there are at once, and starting, pausing and stopping a listener by its id. */
final class ListenerContainerTests {
    @TempDir
    private static Path directory;

    private static Applications applications;
    private static Application application;
    private static ConecListenerEndpointRegistry registry;
    private static ConecClient alice;

    @BeforeAll
    static void start() {
        applications = new Applications(directory);
        ConfigurableApplicationContext coordinator = applications.coordinator(
                Application.class, "--conec.listener.concurrency=3", "--two=2", "--streams=placeholder");
        application = coordinator.getBean(Application.class);
        registry = coordinator.getBean(ConecListenerEndpointRegistry.class);
        alice = applications
                .client("alice", coordinator.getBean(ConecCoordinator.class), EmptyApplication.class)
                .getBean(ConecClient.class);
    }

    @AfterAll
    static void stop() {
        applications.close();
    }

    @Test
    void callsOfDifferentStreamsAreUnderWayUpToTheConcurrency() throws Exception {
        assertAtOnce("blocking", 2);
    }

    @Test
    void callsWhoseResultComesLaterCountUntilItIsThere() throws Exception {
        assertAtOnce("later", 2);
    }

    @Test
    void thePropertyIsTheDefault() throws Exception {
        assertAtOnce("default", 3);
    }

    private static void assertAtOnce(String name, int limit) throws Exception {
        Calls calls = application.calls(name);
        List<ConecStream> streams = new ArrayList<>();
        for (int i = 0; i < limit + 3; i++) {
            ConecStream stream = toCoordinator(alice, name);
            stream.send("x");
            streams.add(stream);
        }
        await().atMost(LIMIT).until(() -> calls.now.get() == limit);
        await().during(Duration.ofMillis(200)).atMost(LIMIT).until(() -> calls.now.get() == limit);
        calls.released.release(limit + 3);
        for (ConecStream stream : streams) {
            assertThat(next(stream).text()).isEqualTo("done");
            stream.close();
        }
        assertThat(calls.most).hasValue(limit);
    }

    @Test
    void streamsWithoutAMessageTakeNoPlace() throws Exception {
        List<ConecStream> idle = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            idle.add(toCoordinator(alice, "single"));
        }
        try (ConecStream busy = toCoordinator(alice, "single")) {
            assertThat(ask(busy, "x")).isEqualTo("x");
        }
        assertThat(ask(idle.get(0), "y")).isEqualTo("y");
        idle.forEach(ConecStream::close);
    }

    @Test
    void aPausedListenerKeepsWhatComesForLater() throws Exception {
        ConecListenerContainer container = registry.container("pausable").orElseThrow();
        try (ConecStream before = toCoordinator(alice, "pausable")) {
            assertThat(ask(before, "1")).isEqualTo("1");
            container.pause();
            assertThat(container.isPaused()).isTrue();
            assertThat(container.isRunning()).isTrue();
            before.send("2");
            try (ConecStream meanwhile = toCoordinator(alice, "pausable")) {
                meanwhile.send("3");
                CompletableFuture<?> answer = meanwhile.receiveAsync();
                await().during(Duration.ofMillis(200)).atMost(LIMIT).until(() -> !answer.isDone());
                container.resume();
                assertThat(next(before).text()).isEqualTo("2");
                answer.join();
            }
        }
    }

    @Test
    void aListenerIsStoppedAndStartedByItsId() throws Exception {
        ConecListenerContainer container = registry.container("stoppable").orElseThrow();
        ConecStream open = toCoordinator(alice, "stoppable");
        assertThat(ask(open, "1")).isEqualTo("1");
        container.stop();
        assertThat(container.isRunning()).isFalse();
        assertThat(open.receive(LIMIT)).isEmpty();
        assertThat(failure(() -> toCoordinator(alice, "stoppable")).code()).isEqualTo(ErrorCode.NO_HANDLER);
        // Others go on.
        try (ConecStream other = toCoordinator(alice, "single")) {
            assertThat(ask(other, "x")).isEqualTo("x");
        }
        container.start();
        try (ConecStream again = toCoordinator(alice, "stoppable")) {
            assertThat(ask(again, "2")).isEqualTo("2");
        }
    }

    @Test
    void aListenerThatIsNotToStartStartsWhenTold() throws Exception {
        ConecListenerContainer container = registry.container("manual").orElseThrow();
        assertThat(container.isAutoStartup()).isFalse();
        assertThat(container.isRunning()).isFalse();
        assertThat(failure(() -> toCoordinator(alice, "manual")).code()).isEqualTo(ErrorCode.NO_HANDLER);
        container.start();
        try (ConecStream stream = toCoordinator(alice, "manual")) {
            assertThat(ask(stream, "x")).isEqualTo("x");
        }
        container.stop();
    }

    @Test
    void attributesResolvePlaceholdersAndExpressions() throws Exception {
        assertThat(registry.container("expression-5")).isPresent();
        try (ConecStream stream = toCoordinator(alice, "placeholder-stream")) {
            assertThat(ask(stream, "x")).isEqualTo("x");
        }
    }

    static final class Calls {
        private final AtomicInteger now = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();
        private final Semaphore released = new Semaphore(0);

        void begin() {
            int current = now.incrementAndGet();
            most.accumulateAndGet(current, Math::max);
        }

        String end() {
            now.decrementAndGet();
            return "done";
        }

        String block() throws InterruptedException {
            begin();
            released.acquire();
            return end();
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class EmptyApplication {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        private final Calls blocking = new Calls();
        private final Calls later = new Calls();
        private final Calls unlimited = new Calls();

        Calls calls(String name) {
            return switch (name) {
                case "blocking" -> blocking;
                case "later" -> later;
                default -> unlimited;
            };
        }

        @Bean
        String names() {
            return "expression";
        }

        @ConecChannelListener(stream = "blocking", concurrency = "${two}")
        String blocking(String text) throws InterruptedException {
            return blocking.block();
        }

        @ConecChannelListener(stream = "later", concurrency = "2")
        CompletableFuture<String> later(String text) {
            later.begin();
            return CompletableFuture.supplyAsync(
                    () -> {
                        later.released.acquireUninterruptibly();
                        return later.end();
                    },
                    task -> new Thread(task).start());
        }

        @ConecChannelListener(stream = "default")
        String byDefault(String text) throws InterruptedException {
            return unlimited.block();
        }

        @ConecChannelListener(stream = "single", concurrency = "#{2 - 1}")
        Mono<String> single(String text) {
            return Mono.just(text);
        }

        @ConecChannelListener(id = "pausable", stream = "pausable")
        String pausable(String text) {
            return text;
        }

        @ConecChannelListener(id = "stoppable", stream = "stoppable")
        String stoppable(String text) {
            return text;
        }

        @ConecChannelListener(id = "manual", stream = "manual", autoStartup = "false")
        String manual(String text) {
            return text;
        }

        @ConecChannelListener(
                id = "#{@names}-#{2 + 3}",
                stream = "${streams}-stream",
                peer = "#{'al' + 'ice'}",
                autoStartup = "${absent:true}")
        String resolved(String text) {
            return text;
        }
    }
}
