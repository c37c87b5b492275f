package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static io.conec.spring.boot.Streams.ask;
import static io.conec.spring.boot.Streams.failure;
import static io.conec.spring.boot.Streams.next;
import static io.conec.spring.boot.Streams.toCoordinator;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Subscription;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** Listener methods of a coordinator that answer later, many times, or take whole streams. */
final class ReactiveListenerTests {
    @TempDir
    private static Path directory;

    private static Applications applications;
    private static Application application;
    private static ConecClient alice;

    @BeforeAll
    static void start() {
        applications = new Applications(directory);
        ConfigurableApplicationContext coordinator = applications.coordinator(
                Application.class,
                // Small, so that back-pressure is felt soon.
                "--conec.transport.receive-buffer-size=16KB",
                "--conec.transport.send-buffer-size=16KB",
                "--conec.transport.stream-window-size=16KB");
        application = coordinator.getBean(Application.class);
        alice = applications
                .client(
                        "alice",
                        coordinator.getBean(ConecCoordinator.class),
                        EmptyApplication.class,
                        "--conec.transport.receive-buffer-size=16KB",
                        "--conec.transport.stream-window-size=16KB")
                .getBean(ConecClient.class);
    }

    @AfterAll
    static void stop() {
        applications.close();
    }

    @Test
    void aFutureAndAMonoAreAnsweredWhenTheyAreThereAndInOrder() throws Exception {
        for (String name : List.of("future", "mono")) {
            try (ConecStream stream = toCoordinator(alice, name)) {
                stream.send("one");
                stream.send("two");
                assertThat(next(stream).text()).isEqualTo("ONE");
                assertThat(next(stream).text()).isEqualTo("TWO");
                stream.finish();
                assertThat(stream.receive(LIMIT)).isEmpty();
            }
        }
    }

    @Test
    void anEmptyMonoIsNoAnswer() throws Exception {
        try (ConecStream stream = toCoordinator(alice, "mono")) {
            stream.send("nothing");
            assertThat(ask(stream, "x")).isEqualTo("X");
        }
    }

    @Test
    void whatAFutureOrMonoFailsWithResetsTheStream() {
        for (String name : List.of("future", "mono")) {
            try (ConecStream stream = toCoordinator(alice, name)) {
                stream.send("fail");
                ConecException failure = failure(() -> stream.receive(LIMIT));
                assertThat(failure.code()).isEqualTo(ErrorCode.HANDLER_FAILED);
                assertThat(failure).hasMessageContaining("failed").hasMessageNotContaining("secret");
            }
        }
    }

    @Test
    void aFluxAnswersOneMessageManyTimes() throws Exception {
        try (ConecStream stream = toCoordinator(alice, "count")) {
            stream.send("2");
            stream.send("3");
            stream.finish();
            assertThat(all(stream)).containsExactly("1", "2", "1", "2", "3");
        }
    }

    @Test
    void aWholeStreamBecomesAnother() throws Exception {
        try (ConecStream stream = toCoordinator(alice, "sums")) {
            for (int i = 1; i <= 4; i++) {
                stream.send(Integer.toString(i));
            }
            stream.finish();
            assertThat(all(stream)).containsExactly("1", "3", "6", "10");
        }
    }

    @Test
    void answersOfAWholeStreamDoNotWaitForItsEnd() throws Exception {
        try (ConecStream stream = toCoordinator(alice, "sums")) {
            assertThat(ask(stream, "1")).isEqualTo("1");
            assertThat(ask(stream, "5")).isEqualTo("6");
        }
    }

    @Test
    void aWholeStreamBecomesOneAnswer() throws Exception {
        try (ConecStream stream = toCoordinator(alice, "total")) {
            stream.send("20");
            stream.send("22");
            stream.finish();
            assertThat(all(stream)).containsExactly("42");
        }
    }

    @Test
    void theEndOfTheResultEndsBothDirections() throws Exception {
        try (ConecStream stream = toCoordinator(alice, "first-two")) {
            assertThat(ask(stream, "a")).isEqualTo("a");
            assertThat(ask(stream, "b")).isEqualTo("b");
            assertThat(stream.receive(LIMIT)).isEmpty();
            await().atMost(LIMIT).until(() -> stream.send("c").isCompletedExceptionally());
        }
    }

    @Test
    void aPayloadThatCannotBeReadResetsTheStream() {
        try (ConecStream stream = toCoordinator(alice, "sums")) {
            stream.send("not a number");
            assertThat(failure(() -> stream.receive(LIMIT)).code()).isEqualTo(ErrorCode.CONVERSION_FAILED);
        }
    }

    @Test
    void whatTheMethodAsksForIsWhatIsRead() {
        try (ConecStream stream = toCoordinator(alice, "one-by-one")) {
            Queue<CompletableFuture<Void>> sends = new ConcurrentLinkedQueue<>();
            byte[] message = new byte[8 * 1024];
            Thread sender = new Thread(() -> {
                for (int i = 0; i < 200; i++) {
                    sends.add(stream.send(message));
                }
                stream.finish();
            });
            sender.start();
            await().atMost(LIMIT).until(() -> application.handled.get() == 1);
            await().during(Duration.ofMillis(300))
                    .atMost(LIMIT)
                    .until(() ->
                            sends.stream().filter(CompletableFuture::isDone).count() < 100);
            assertThat(application.handled).hasValue(1);

            application.handledOne.tryEmitValue("go on");

            await().atMost(LIMIT)
                    .until(() -> sends.size() == 200 && sends.stream().allMatch(CompletableFuture::isDone));
            await().atMost(LIMIT).until(() -> application.handled.get() == 200);
        }
    }

    @Test
    void aReceiverThatDoesNotReadStopsThePublisher() {
        try (ConecStream stream = toCoordinator(alice, "endless")) {
            stream.send("go");
            AtomicInteger received = new AtomicInteger();
            JdkFlowAdapter.flowPublisherToFlux(stream.messages()).subscribe(new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription asked) {
                    asked.request(3);
                }

                @Override
                protected void hookOnNext(ConecMessage message) {
                    received.incrementAndGet();
                }

                @Override
                protected void hookOnError(Throwable failure) {
                    assertThat(failure).isInstanceOf(ConecException.class);
                }
            });
            await().atMost(LIMIT).until(() -> received.get() == 3);
            int bound = 200;
            await().during(Duration.ofMillis(300)).atMost(LIMIT).until(() -> application.emitted.get() < bound);
            stream.reset(ErrorCode.CANCELLED);
            await().atMost(LIMIT).until(() -> application.endlessCancelled.get() == 1);
        }
    }

    @Test
    void aCancelledRequestCancelsWhatTheMethodReturned() {
        for (String name : List.of("never-future", "never-mono", "never-flux", "never-whole")) {
            ConecStream stream = toCoordinator(alice, name);
            stream.send("x");
            await().atMost(LIMIT).until(() -> application.begun.contains(name));
            stream.reset(ErrorCode.CANCELLED);
            await().atMost(LIMIT).until(() -> application.cancelled.contains(name));
        }
    }

    private static List<String> all(ConecStream stream) throws InterruptedException {
        List<String> texts = new ArrayList<>();
        for (var message = stream.receive(LIMIT); message.isPresent(); message = stream.receive(LIMIT)) {
            texts.add(message.get().text());
        }
        return texts;
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class EmptyApplication {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        private final AtomicInteger handled = new AtomicInteger();
        private final Sinks.One<String> handledOne = Sinks.one();
        private final AtomicInteger emitted = new AtomicInteger();
        private final AtomicInteger endlessCancelled = new AtomicInteger();
        private final Queue<String> begun = new ConcurrentLinkedQueue<>();
        private final Queue<String> cancelled = new ConcurrentLinkedQueue<>();

        @ConecChannelListener(stream = "future")
        CompletableFuture<String> future(String text) {
            return CompletableFuture.supplyAsync(() -> answer(text));
        }

        @ConecChannelListener(stream = "mono")
        Mono<String> mono(String text) {
            return text.equals("nothing")
                    ? Mono.empty()
                    : Mono.fromSupplier(() -> answer(text)).subscribeOn(Schedulers.parallel());
        }

        private static String answer(String text) {
            if (text.equals("fail")) {
                throw new IllegalStateException("secret");
            }
            return text.toUpperCase(Locale.ROOT);
        }

        @ConecChannelListener(stream = "count")
        Flux<Integer> count(int to) {
            return Flux.range(1, to).publishOn(Schedulers.parallel());
        }

        @ConecChannelListener(stream = "sums")
        Flux<Integer> sums(Flux<Integer> numbers) {
            return numbers.scan(Integer::sum);
        }

        @ConecChannelListener(stream = "total")
        Mono<Integer> total(Flux<Integer> numbers) {
            return numbers.reduce(0, Integer::sum);
        }

        @ConecChannelListener(stream = "first-two")
        Flow.Publisher<String> firstTwo(Flow.Publisher<String> texts) {
            return JdkFlowAdapter.publisherToFlowPublisher(
                    JdkFlowAdapter.flowPublisherToFlux(texts).take(2));
        }

        @ConecChannelListener(stream = "one-by-one")
        Mono<Void> oneByOne(Flux<byte[]> messages) {
            return messages.concatMap(
                            message -> {
                                handled.incrementAndGet();
                                return handledOne.asMono();
                            },
                            0)
                    .then();
        }

        @ConecChannelListener(stream = "endless")
        Flux<byte[]> endless(String start) {
            return Flux.<byte[]>generate(sink -> {
                        emitted.incrementAndGet();
                        sink.next(new byte[8 * 1024]);
                    })
                    .doOnCancel(endlessCancelled::incrementAndGet);
        }

        @ConecChannelListener(stream = "never-future")
        CompletableFuture<String> neverFuture(String text) {
            begun.add("never-future");
            CompletableFuture<String> never = new CompletableFuture<>();
            never.whenComplete((value, failure) -> {
                if (never.isCancelled()) {
                    cancelled.add("never-future");
                }
            });
            return never;
        }

        @ConecChannelListener(stream = "never-mono")
        Mono<String> neverMono(String text) {
            begun.add("never-mono");
            return Mono.<String>never().doOnCancel(() -> cancelled.add("never-mono"));
        }

        @ConecChannelListener(stream = "never-flux")
        Flux<String> neverFlux(String text) {
            begun.add("never-flux");
            return Flux.<String>never().doOnCancel(() -> cancelled.add("never-flux"));
        }

        @ConecChannelListener(stream = "never-whole")
        Flux<String> neverWhole(Flux<String> texts) {
            return texts.doOnNext(text -> begun.add("never-whole"))
                    .flatMap(text -> Mono.<String>never().doOnCancel(() -> cancelled.add("never-whole")));
        }
    }
}
