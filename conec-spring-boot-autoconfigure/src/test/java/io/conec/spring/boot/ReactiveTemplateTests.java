package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static io.conec.spring.boot.Streams.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.conec.ConecException;
import io.conec.ConecParty;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.core.ReactiveConecTemplate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Subscription;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** One client asks another with Reactor, through real sockets. */
final class ReactiveTemplateTests {
    @TempDir
    private static Path directory;

    private static Applications applications;
    private static ConfigurableApplicationContext alice;
    private static BobsApplication bob;
    private static ReactiveConecTemplate template;

    @BeforeAll
    static void start() {
        applications = new Applications(directory);
        ConecCoordinator coordinator =
                applications.coordinator(EmptyApplication.class).getBean(ConecCoordinator.class);
        String[] small = {
            "--conec.transport.receive-buffer-size=16KB",
            "--conec.transport.send-buffer-size=16KB",
            "--conec.transport.stream-window-size=16KB"
        };
        bob = applications
                .client("bob", coordinator, BobsApplication.class, small)
                .getBean(BobsApplication.class);
        alice = applications.client("alice", coordinator, EmptyApplication.class, small);
        template = alice.getBean(ReactiveConecTemplate.class);
        // Bob's listener to a group.
        await().atMost(LIMIT).until(() -> !coordinator.hostedGroups().isEmpty());
    }

    @AfterAll
    static void stop() {
        applications.close();
    }

    @Test
    void aMonoIsARequestForEachSubscription() {
        Mono<Integer> answer = template.request("bob", "doubled", 21, Integer.class);
        assertThat(answer.block(LIMIT)).isEqualTo(42);
        assertThat(answer.block(LIMIT)).isEqualTo(42);
        assertThat(template.request("bob", "nothing", "x", String.class).blockOptional(LIMIT))
                .isEmpty();
        assertNoStreamsAreLeft();
    }

    @Test
    void nothingIsSentBeforeItIsSubscribedTo() {
        Mono<Void> sent = template.send("bob", "noted", "sent");
        Mono<Void> sentToGroup = template.sendToGroup("notes", "to the group");
        assertThat(bob.noted).isEmpty();
        sent.block(LIMIT);
        sent.block(LIMIT);
        sentToGroup.block(LIMIT);
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(bob.noted).containsExactlyInAnyOrder("sent", "sent", "to the group"));
        Mono<Void> refused = template.send("bob", "unheard-of", "x");
        assertThat(failure(() -> refused.block(LIMIT)).code()).isEqualTo(ErrorCode.NO_HANDLER);
    }

    @Test
    void cancellingAMonoCancelsTheHandler() {
        Disposable request =
                template.request("bob", "never", "mono", String.class).subscribe();
        await().atMost(LIMIT).until(() -> bob.begun.contains("mono"));
        request.dispose();
        await().atMost(LIMIT).until(() -> bob.cancelled.contains("mono"));
        assertNoStreamsAreLeft();
    }

    @Test
    void oneQuestionHasManyAnswers() {
        assertThat(template.requestMany("bob", "count", 5, Integer.class)
                        .collectList()
                        .block(LIMIT))
                .containsExactly(1, 2, 3, 4, 5);
        assertNoStreamsAreLeft();
    }

    @Test
    void whatIsNotAskedForIsNotSent() {
        AtomicInteger received = new AtomicInteger();
        BaseSubscriber<byte[]> subscriber = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(Subscription subscription) {
                subscription.request(3);
            }

            @Override
            protected void hookOnNext(byte[] answer) {
                received.incrementAndGet();
            }
        };
        template.requestMany("bob", "endless", "x", byte[].class).subscribe(subscriber);
        await().atMost(LIMIT).until(() -> received.get() == 3);
        await().during(Duration.ofMillis(300)).atMost(LIMIT).until(() -> bob.emitted.get() < 200);
        int before = bob.emitted.get();
        subscriber.request(500);
        await().atMost(LIMIT).until(() -> received.get() == 503);
        assertThat(bob.emitted.get()).isGreaterThan(before);
        subscriber.cancel();
        await().atMost(LIMIT).until(() -> bob.cancelled.contains("endless"));
        assertNoStreamsAreLeft();
    }

    @Test
    void answersComeWhilePayloadsAreSent() {
        Sinks.Many<Integer> numbers = Sinks.many().unicast().onBackpressureBuffer();
        Queue<Integer> sums = new ConcurrentLinkedQueue<>();
        Disposable exchange = template.exchange("bob", "sums", numbers.asFlux(), Integer.class)
                .subscribe(sums::add);
        numbers.tryEmitNext(1);
        await().atMost(LIMIT).until(() -> List.copyOf(sums).equals(List.of(1)));
        numbers.tryEmitNext(2);
        await().atMost(LIMIT).until(() -> List.copyOf(sums).equals(List.of(1, 3)));
        numbers.tryEmitComplete();
        await().atMost(LIMIT).until(exchange::isDisposed);
        assertNoStreamsAreLeft();
    }

    @Test
    void aSlowListenerStopsThePublisher() {
        AtomicInteger emitted = new AtomicInteger();
        Disposable sending = template.send("bob", "one-by-one", Flux.<byte[]>generate(sink -> {
                    emitted.incrementAndGet();
                    sink.next(new byte[8 * 1024]);
                }))
                .subscribe();
        await().atMost(LIMIT).until(() -> bob.handled.get() == 1);
        await().during(Duration.ofMillis(300)).atMost(LIMIT).until(() -> emitted.get() < 200);
        bob.handledOne.tryEmitValue("go on");
        await().atMost(LIMIT).until(() -> bob.handled.get() > 300);
        sending.dispose();
        assertNoStreamsAreLeft();
    }

    @Test
    void sendingCompletesWhenTheListenerIsDone() {
        template.send("bob", "total", Flux.range(1, 1000)).block(LIMIT);
        assertThat(bob.totals).contains(500_500);
    }

    @Test
    void aListenerThatHasEnoughEndsTheExchange() {
        assertThat(template.exchange("bob", "first-two", Flux.range(1, Integer.MAX_VALUE), Integer.class)
                        .collectList()
                        .block(LIMIT))
                .containsExactly(1, 2);
        assertNoStreamsAreLeft();
    }

    @Test
    void aPublisherThatFailsFailsTheExchangeAndResetsItsStream() {
        Flux<Integer> numbers = Flux.concat(Flux.just(1), Flux.error(new IllegalStateException("mine")));
        assertThatIllegalStateException()
                .isThrownBy(() -> template.exchange("bob", "sums", numbers, Integer.class)
                        .collectList()
                        .block(LIMIT))
                .withMessage("mine");
        assertNoStreamsAreLeft();
    }

    @Test
    void failuresOfTheListenerNameStreamAndPeer() {
        ConecException failure = failure(() -> template.requestMany("bob", "fails", "x", String.class)
                .collectList()
                .block(LIMIT));
        assertThat(failure.code()).isEqualTo(ErrorCode.HANDLER_FAILED);
        assertThat(failure).hasMessageContaining("\"fails\"").hasMessageContaining("\"bob\"");
        assertThat(failure(() -> template.exchange("bob", "unheard-of", Flux.just(1), String.class)
                                .collectList()
                                .block(LIMIT))
                        .code())
                .isEqualTo(ErrorCode.NO_HANDLER);
    }

    @Test
    void cancellingWhileTheStreamIsOpenedLeavesNothingBehind() {
        for (int i = 0; i < 20; i++) {
            template.requestMany("bob", "endless", "x", byte[].class)
                    .subscribe()
                    .dispose();
        }
        assertNoStreamsAreLeft();
    }

    private static void assertNoStreamsAreLeft() {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(alice.getBean(ConecParty.class).channels().stream()
                                .flatMap(channel -> channel.streams().stream()))
                        .isEmpty());
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class EmptyApplication {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class BobsApplication {
        private final Queue<String> begun = new ConcurrentLinkedQueue<>();
        private final Queue<String> cancelled = new ConcurrentLinkedQueue<>();
        private final Queue<String> noted = new ConcurrentLinkedQueue<>();
        private final Queue<Integer> totals = new ConcurrentLinkedQueue<>();
        private final AtomicInteger emitted = new AtomicInteger();
        private final AtomicInteger handled = new AtomicInteger();
        private final Sinks.One<String> handledOne = Sinks.one();

        @ConecChannelListener(stream = "doubled")
        int doubled(int number) {
            return 2 * number;
        }

        @ConecChannelListener(stream = "noted")
        @ConecChannelListener(group = "notes")
        void noted(String text) {
            noted.add(text);
        }

        @ConecChannelListener(stream = "nothing")
        void nothing(String text) {}

        @ConecChannelListener(stream = "never")
        Mono<String> never(String text) {
            begun.add(text);
            return Mono.<String>never().doOnCancel(() -> cancelled.add(text));
        }

        @ConecChannelListener(stream = "count")
        Flux<Integer> count(int to) {
            return Flux.range(1, to);
        }

        @ConecChannelListener(stream = "endless")
        Flux<byte[]> endless(String start) {
            return Flux.<byte[]>generate(sink -> {
                        emitted.incrementAndGet();
                        sink.next(new byte[8 * 1024]);
                    })
                    .doOnCancel(() -> cancelled.add("endless"));
        }

        @ConecChannelListener(stream = "sums")
        Flux<Integer> sums(Flux<Integer> numbers) {
            return numbers.scan(Integer::sum);
        }

        @ConecChannelListener(stream = "total")
        Mono<Integer> total(Flux<Integer> numbers) {
            return numbers.reduce(0, Integer::sum).doOnNext(totals::add);
        }

        @ConecChannelListener(stream = "first-two")
        Flux<Integer> firstTwo(Flux<Integer> numbers) {
            return numbers.take(2);
        }

        @ConecChannelListener(stream = "one-by-one")
        Mono<Void> oneByOne(Flux<byte[]> messages, ConecStream stream) {
            return messages.concatMap(
                            message -> {
                                handled.incrementAndGet();
                                return handledOne.asMono();
                            },
                            0)
                    .then();
        }

        @ConecChannelListener(stream = "fails")
        Flux<String> fails(String text) {
            return Flux.error(new IllegalStateException("as the test asks for"));
        }
    }
}
