package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static io.conec.spring.boot.Streams.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import brave.Span;
import brave.handler.MutableSpan;
import brave.handler.SpanHandler;
import brave.propagation.TraceContext;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.core.ConecTemplate;
import io.conec.spring.core.ReactiveConecTemplate;
import io.conec.spring.core.TypedStream;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A trace that begins in one application goes on in the listener of another. With Brave as the tracer, in each of the two. */
final class TracingTests {
    @TempDir
    private static Path directory;

    private static Applications applications;
    private static ConfigurableApplicationContext alice;
    private static ConfigurableApplicationContext bob;
    private static ConecTemplate template;

    @BeforeAll
    static void start() {
        applications = new Applications(directory);
        ConecCoordinator coordinator =
                applications.coordinator(PlainApplication.class).getBean(ConecCoordinator.class);
        String[] all = {"--management.tracing.sampling.probability=1"};
        bob = applications.client("bob", coordinator, BobsApplication.class, all);
        alice = applications.client("alice", coordinator, AlicesApplication.class, all);
        template = alice.getBean(ConecTemplate.class);
    }

    @AfterAll
    static void stop() {
        applications.close();
    }

    @BeforeEach
    void forget() {
        alice.getBean(Spans.class).finished.clear();
        bob.getBean(Spans.class).finished.clear();
    }

    @ParameterizedTest
    @ValueSource(strings = {"value", "future", "mono", "flux", "whole"})
    void aTraceRunsFromTheSendersSpanThroughTheListener(String stream) {
        String trace = inSpan(() -> template.request("bob", stream, "x", String.class));

        MutableSpan request = span(alice, span -> Objects.equals(span.name(), stream + " request"));
        assertThat(request.traceId()).isEqualTo(trace);
        assertThat(request.kind()).isEqualTo(Span.Kind.CLIENT);
        assertThat(request.parentId())
                .isEqualTo(span(alice, span -> Objects.equals(span.name(), "outer"))
                        .id());
        assertThat(request.tag("conec.peer")).isEqualTo("bob");
        assertThat(request.remoteServiceName()).isEqualTo("bob");

        MutableSpan listener = span(bob, span -> span.kind() == Span.Kind.SERVER);
        assertThat(listener.traceId()).isEqualTo(trace);
        assertThat(listener.parentId()).isEqualTo(request.id());
        assertThat(listener.tag("conec.peer")).isEqualTo("alice");
        assertThat(listener.tag("conec.stream")).isEqualTo(stream);
        assertThat(listener.tag("outcome")).isEqualTo("success");

        MutableSpan inner = span(bob, span -> Objects.equals(span.name(), "inner"));
        assertThat(inner.traceId()).isEqualTo(trace);
        assertThat(inner.parentId()).isEqualTo(listener.id());
    }

    @Test
    void reactiveRequestsArePartOfTheirSubscribersTrace() {
        ReactiveConecTemplate reactive = alice.getBean(ReactiveConecTemplate.class);
        String trace = inSpan(() -> {
            reactive.request("bob", "value", "x", String.class).contextCapture().block(LIMIT);
            reactive.exchange("bob", "whole", Flux.just("x"), String.class)
                    .contextCapture()
                    .blockLast(LIMIT);
        });
        for (String stream : List.of("value", "whole")) {
            assertThat(span(alice, span -> Objects.equals(span.name(), stream + " request"))
                            .traceId())
                    .isEqualTo(trace);
            assertThat(span(bob, span -> Objects.equals(span.tag("conec.stream"), stream))
                            .traceId())
                    .isEqualTo(trace);
        }
    }

    @Test
    void everyMessageOfAStreamIsPartOfTheTraceThatOpenedIt() {
        String trace = inSpan(() -> {
            try (TypedStream stream = template.to("bob", "value").open().join()) {
                stream.send("one");
                stream.send("two");
                stream.finish();
                assertThat(stream.receive(String.class, LIMIT)).isPresent();
                assertThat(stream.receive(String.class, LIMIT)).isPresent();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(bob.getBean(Spans.class).finished)
                        .filteredOn(span -> span.kind() == Span.Kind.SERVER)
                        .hasSize(2)
                        .allSatisfy(span -> assertThat(span.traceId()).isEqualTo(trace)));
    }

    @Test
    void failuresAreInTheTraceOnBothSides() {
        inSpan(() -> failure(() -> template.request("bob", "fails", "x", String.class)));
        assertThat(span(alice, span -> Objects.equals(span.name(), "fails request"))
                        .tag("outcome"))
                .isEqualTo("handler_failed");
        MutableSpan listener = span(bob, span -> span.kind() == Span.Kind.SERVER);
        assertThat(listener.tag("outcome")).isEqualTo("handler_failed");
        assertThat(listener.error()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void observationsAreTimersToo() {
        template.request("bob", "value", "x", String.class);
        assertThat(timer(alice, "conec.request", "stream", "value").count()).isPositive();
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(timer(bob, "conec.listener", "listener", "value")
                                .count())
                        .isPositive());
        Timer timer = timer(bob, "conec.listener", "listener", "value");
        assertThat(timer.getId().getTag("outcome")).isEqualTo("success");
        // Peers' names have no bound.
        assertThat(timer.getId().getTags()).noneMatch(tag -> tag.getValue().contains("alice"));
    }

    private static Timer timer(ConfigurableApplicationContext context, String name, String tag, String value) {
        return context.getBean(MeterRegistry.class).get(name).tag(tag, value).timer();
    }

    private static String inSpan(Runnable call) {
        Tracer tracer = alice.getBean(Tracer.class);
        Observation outer = Observation.start("outer", alice.getBean(ObservationRegistry.class));
        return outer.scoped(() -> {
            String trace =
                    Objects.requireNonNull(tracer.currentSpan()).context().traceId();
            call.run();
            outer.stop();
            return trace;
        });
    }

    private static MutableSpan span(ConfigurableApplicationContext context, Predicate<MutableSpan> which) {
        return await().atMost(LIMIT)
                .until(
                        () -> context.getBean(Spans.class).finished.stream()
                                .filter(which)
                                .findAny(),
                        Optional::isPresent)
                .orElseThrow();
    }

    static final class Spans extends SpanHandler {
        private final Queue<MutableSpan> finished = new ConcurrentLinkedQueue<>();

        @Override
        public boolean end(TraceContext context, MutableSpan span, Cause cause) {
            finished.add(span);
            return true;
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class PlainApplication {}

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class AlicesApplication {
        @Bean
        Spans spans() {
            return new Spans();
        }

        @Bean
        MeterRegistry meterRegistry() {
            return new SimpleMeterRegistry();
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class BobsApplication extends AlicesApplication {
        @Bean
        Handlers handlers(ObservationRegistry registry) {
            return new Handlers(registry);
        }
    }

    static class Handlers {
        private final ObservationRegistry registry;

        Handlers(ObservationRegistry registry) {
            this.registry = registry;
        }

        private String inner(String text) {
            Observation.start("inner", registry).stop();
            return text;
        }

        @ConecChannelListener(id = "value", stream = "value")
        String value(String text) {
            return inner(text);
        }

        @ConecChannelListener(id = "future", stream = "future")
        CompletableFuture<String> future(String text) {
            return CompletableFuture.completedFuture(inner(text));
        }

        @ConecChannelListener(id = "mono", stream = "mono")
        Mono<String> mono(String text) {
            return Mono.fromSupplier(() -> inner(text));
        }

        @ConecChannelListener(id = "flux", stream = "flux")
        Flux<String> flux(String text) {
            return Flux.defer(() -> Flux.just(inner(text)));
        }

        @ConecChannelListener(id = "whole", stream = "whole")
        Flux<String> whole(Flux<String> texts) {
            // The messages come on other threads: the trace is in the context.
            return texts.transformDeferredContextual((all, context) -> all.map(text -> {
                @Nullable Observation parent = context.getOrDefault("micrometer.observation", null);
                Observation.createNotStarted("inner", registry)
                        .parentObservation(parent)
                        .start()
                        .stop();
                return text;
            }));
        }

        @ConecChannelListener(id = "fails", stream = "fails")
        String fails(String text) {
            throw new IllegalStateException("as the test asks for");
        }
    }
}
