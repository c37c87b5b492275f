package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static io.conec.spring.boot.Streams.ask;
import static io.conec.spring.boot.Streams.failure;
import static io.conec.spring.boot.Streams.toCoordinator;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.core.ConecTemplate;
import io.conec.spring.listener.ConecErrorCodeResolver;
import io.conec.spring.listener.ConecListenerContainer;
import io.conec.spring.listener.ConecListenerEndpointRegistry;
import io.conec.spring.listener.ConecListenerThreadContext;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Beans of the application around the calls of its listeners may fail: no call is left half done, none keeps its place. */
@ExtendWith(OutputCaptureExtension.class)
final class ListenerContextTests {
    @TempDir
    private static Path directory;

    private static Applications applications;
    private static ConfigurableApplicationContext context;
    private static Application application;
    private static ConfigurableApplicationContext alicesContext;
    private static ConecClient alice;

    @BeforeAll
    static void start() {
        applications = new Applications(directory);
        context = applications.coordinator(Application.class, "--conec.listener.concurrency=1");
        application = context.getBean(Application.class);
        alicesContext = applications.client("alice", context.getBean(ConecCoordinator.class), PlainApplication.class);
        alice = alicesContext.getBean(ConecClient.class);
    }

    @AfterAll
    static void stop() {
        applications.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "mono", "whole", "raw"})
    void aContextThatCannotBeBoundForTheMethodFailsTheCall(String name) throws Exception {
        application.unbindable.set(true);
        fails(name);
        assertNothingIsLeftOf(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mono", "whole"})
    void aContextThatCannotBeBoundForTheResultFailsTheCall(String name) throws Exception {
        application.unbindableForResult.set(true);
        fails(name);
        assertNothingIsLeftOf(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "mono", "whole"})
    void aContextThatCannotBeTakenOffIsLogged(String name, CapturedOutput output) throws Exception {
        application.unclosable.set(true);
        answers(name);
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(output).contains("cannot be taken off", "not closed for the test"));
        assertNothingIsLeftOf(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "mono", "whole"})
    void anObservationThatFailsIsLogged(String name, CapturedOutput output) throws Exception {
        application.unobservable.set(true);
        answers(name);
        await().atMost(LIMIT).untilAsserted(() -> assertThat(output).contains("not observed for the test"));
        assertNothingIsLeftOf(name);
    }

    @Test
    void aResolverThatFailsIsLogged(CapturedOutput output) throws Exception {
        fails("throws");
        assertThat(output).contains("no code for the test");
        assertThat(container("throws").isRunning()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theNextMessageOfAGroupFollows(boolean forResult) {
        await().atMost(LIMIT)
                .until(() -> context.getBean(ConecCoordinator.class).hostedGroups().stream()
                        .anyMatch(group -> group.receivers() == 1));
        ConecTemplate template = alicesContext.getBean(ConecTemplate.class);
        (forResult ? application.unbindableForResult : application.unbindable).set(true);
        template.sendToGroup("news", "1");
        template.sendToGroup("news", "2 " + forResult);
        await().atMost(LIMIT).until(() -> application.news.contains("2 " + forResult));
    }

    private static void fails(String name) {
        try (ConecStream stream = toCoordinator(alice, name)) {
            stream.send("x");
            // A whole stream may have answered before.
            ThrowingCallable reading = () -> {
                while (stream.receive(LIMIT).isPresent()) {}
            };
            assertThat(failure(reading).code()).isEqualTo(ErrorCode.HANDLER_FAILED);
        }
    }

    private static void answers(String name) throws Exception {
        try (ConecStream stream = toCoordinator(alice, name)) {
            assertThat(ask(stream, "x")).isEqualTo("x");
        }
    }

    /** The only place is free, and stopping waits for nobody. */
    private static void assertNothingIsLeftOf(String name) throws Exception {
        if (!name.equals("raw")) {
            answers(name);
        }
        long before = System.nanoTime();
        container(name).stop();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofMillis(1_500));
        container(name).start();
    }

    private static ConecListenerContainer container(String id) {
        return context.getBean(ConecListenerEndpointRegistry.class)
                .container(id)
                .orElseThrow();
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class PlainApplication {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        private final AtomicBoolean unbindable = new AtomicBoolean();
        private final AtomicBoolean unbindableForResult = new AtomicBoolean();
        private final AtomicBoolean unclosable = new AtomicBoolean();
        private final AtomicBoolean unobservable = new AtomicBoolean();
        private final Queue<String> news = new ConcurrentLinkedQueue<>();

        @Bean
        ConecListenerThreadContext threadContext() {
            return peer -> {
                if (unbindable.getAndSet(false)) {
                    throw new IllegalStateException("not bound for the test");
                }
                return () -> {
                    if (unclosable.getAndSet(false)) {
                        throw new IllegalStateException("not closed for the test");
                    }
                };
            };
        }

        @Bean
        ConecErrorCodeResolver resolver() {
            return failure -> {
                throw new IllegalStateException("no code for the test");
            };
        }

        @Bean
        ObservationRegistry observationRegistry() {
            ObservationRegistry registry = ObservationRegistry.create();
            registry.observationConfig().observationHandler(new Unobservable());
            return registry;
        }

        private final class Unobservable implements ObservationHandler<Observation.Context> {
            @Override
            public void onStop(Observation.Context observed) {
                if (unobservable.getAndSet(false)) {
                    throw new IllegalStateException("not observed for the test");
                }
            }

            @Override
            public boolean supportsContext(Observation.Context observed) {
                return true;
            }
        }

        /** What comes next is the result. */
        private void called() {
            unbindable.compareAndSet(false, unbindableForResult.getAndSet(false));
        }

        @ConecChannelListener(id = "text", stream = "text")
        String text(String text) {
            return text;
        }

        @ConecChannelListener(id = "throws", stream = "throws")
        String throws_(String text) {
            throw new IllegalStateException("as the test asks for");
        }

        @ConecChannelListener(id = "mono", stream = "mono")
        Mono<String> mono(String text) {
            called();
            return Mono.just(text);
        }

        @ConecChannelListener(id = "whole", stream = "whole", concurrency = "1")
        Flux<String> whole(Flux<String> texts) {
            called();
            return texts.take(1);
        }

        @ConecChannelListener(id = "raw", stream = "raw")
        void raw(ConecStream stream) {
            stream.close();
        }

        @ConecChannelListener(group = "news")
        Mono<Void> news(String text) {
            called();
            return Mono.fromRunnable(() -> news.add(text));
        }
    }
}
