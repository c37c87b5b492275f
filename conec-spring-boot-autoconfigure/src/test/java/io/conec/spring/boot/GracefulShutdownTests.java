package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static io.conec.spring.boot.Streams.ask;
import static io.conec.spring.boot.Streams.failure;
import static io.conec.spring.boot.Streams.next;
import static io.conec.spring.boot.Streams.toCoordinator;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ConecException;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.core.ConecTemplate;
import io.conec.spring.listener.ConecListenerContainer;
import io.conec.spring.listener.ConecListenerEndpointRegistry;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A coordinator application is closed while its listeners are at work. */
@ExtendWith(OutputCaptureExtension.class)
final class GracefulShutdownTests {
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
    void aCallUnderWayFinishesAndItsAnswerIsDelivered() throws Exception {
        ConfigurableApplicationContext context = coordinator("1h");
        Application application = context.getBean(Application.class);
        ConecClient alice = client(context);
        ConecStream stream = toCoordinator(alice, "blocks");
        stream.send("x");
        stream.send("too late");
        application.entered.await();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(context::close);
        await().atMost(LIMIT)
                .until(() ->
                        !context.getBean(ConecListenerEndpointRegistry.class).isRunning());
        ConecException refusal = failure(() -> toCoordinator(alice, "blocks"));
        assertThat(refusal.code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        assertThat(refusal).hasMessageContaining("shutting down");
        application.released.countDown();
        assertThat(next(stream).text()).isEqualTo("finished");
        closed.join();
        assertThat(application.calls).hasValue(1);
    }

    /** Nobody may take the end of a stream for the answer of a listener that was never called. */
    @Test
    void requestsThatWaitForTheirTurnFail() throws Exception {
        ConfigurableApplicationContext context = coordinator("1h");
        Application application = context.getBean(Application.class);
        ConecTemplate alice = template(context);
        CompletableFuture<@Nullable String> first =
                alice.toCoordinator("one-at-a-time").requestAsync("1", String.class);
        application.entered.await();
        CompletableFuture<@Nullable String> second =
                alice.toCoordinator("one-at-a-time").requestAsync("2", String.class);
        ConecListenerContainer container = context.getBean(ConecListenerEndpointRegistry.class)
                .container("one-at-a-time")
                .orElseThrow();
        await().atMost(LIMIT).until(() -> container.waiting() == 1);

        CompletableFuture<Void> closed = CompletableFuture.runAsync(context::close);

        assertThat(failure(second::join).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        application.released.countDown();
        assertThat(first.get()).isEqualTo("finished 1");
        closed.join();
        assertThat(application.calls).hasValue(1);
    }

    @Test
    void aStreamThatIsOpenAndUnusedFails() {
        ConfigurableApplicationContext context = coordinator("1h");
        ConecStream stream = toCoordinator(client(context), "blocks");
        context.close();
        assertThat(failure(() -> stream.receive(LIMIT)).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
    }

    @Test
    void whatWasSentBehindTheLastCallAndFinishedFails() throws Exception {
        ConfigurableApplicationContext context = coordinator("1h");
        Application application = context.getBean(Application.class);
        ConecStream stream = toCoordinator(client(context), "silent");
        stream.send("1");
        application.entered.await();
        stream.send("2");
        stream.finish().join();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(context::close);
        await().atMost(LIMIT)
                .until(() ->
                        !context.getBean(ConecListenerEndpointRegistry.class).isRunning());
        application.released.countDown();
        assertThat(failure(() -> stream.receive(LIMIT)).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        closed.join();
        assertThat(application.calls).hasValue(1);
    }

    @Test
    void aWholeStreamMayFinish() throws Exception {
        ConfigurableApplicationContext context = coordinator("1h");
        ConecStream stream = toCoordinator(client(context), "echo");
        assertThat(ask(stream, "1")).isEqualTo("1");
        CompletableFuture<Void> closed = CompletableFuture.runAsync(context::close);
        await().atMost(LIMIT)
                .until(() ->
                        !context.getBean(ConecListenerEndpointRegistry.class).isRunning());
        assertThat(ask(stream, "2")).isEqualTo("2");
        assertThat(closed).isNotDone();
        stream.finish();
        assertThat(stream.receive(LIMIT)).isEmpty();
        closed.join();
    }

    @Test
    void whatOutlivesTheGracePeriodIsResetAndThePeersAreToldWhy() throws Exception {
        ConfigurableApplicationContext context = coordinator("200ms");
        Application application = context.getBean(Application.class);
        ConecClient alice = client(context);
        ConecStream whole = toCoordinator(alice, "echo");
        assertThat(ask(whole, "1")).isEqualTo("1");
        ConecStream later = toCoordinator(alice, "never");
        later.send("x");
        application.entered.await();
        context.close();
        for (ConecStream stream : new ConecStream[] {whole, later}) {
            ConecException failure = failure(() -> stream.receive(LIMIT));
            assertThat(failure.code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        }
        await().atMost(LIMIT).until(() -> application.cancelled.getCount() == 0);
    }

    @Test
    void whatAListenerToAGroupHasUnderWayIsCancelledAfterTheGracePeriod(CapturedOutput output) throws Exception {
        ConfigurableApplicationContext context = coordinator("200ms");
        Application application = context.getBean(Application.class);
        template(context).sendToGroup("news", "x");
        application.entered.await();
        context.close();
        await().atMost(LIMIT).until(() -> application.cancelled.getCount() == 0);
        assertThat(output).contains("still runs after the grace period").doesNotContain("failed on a message");
    }

    private ConfigurableApplicationContext coordinator(String gracePeriod) {
        return applications.coordinator(Application.class, "--conec.shutdown.grace-period=" + gracePeriod);
    }

    private ConecClient client(ConfigurableApplicationContext coordinator) {
        return alice(coordinator).getBean(ConecClient.class);
    }

    private ConecTemplate template(ConfigurableApplicationContext coordinator) {
        return alice(coordinator).getBean(ConecTemplate.class);
    }

    private ConfigurableApplicationContext alice(ConfigurableApplicationContext coordinator) {
        return applications.client("alice", coordinator.getBean(ConecCoordinator.class), EmptyApplication.class);
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class EmptyApplication {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private final CountDownLatch cancelled = new CountDownLatch(1);
        private final AtomicInteger calls = new AtomicInteger();

        @ConecChannelListener(stream = "blocks")
        String blocks(String text) throws InterruptedException {
            calls.incrementAndGet();
            entered.countDown();
            released.await();
            return "finished";
        }

        @ConecChannelListener(id = "one-at-a-time", stream = "one-at-a-time", concurrency = "1")
        String oneAtATime(String text) throws InterruptedException {
            return blocks(text) + " " + text;
        }

        @ConecChannelListener(stream = "silent")
        void silent(String text) throws InterruptedException {
            blocks(text);
        }

        @ConecChannelListener(stream = "echo")
        Flux<String> echo(Flux<String> texts) {
            return texts;
        }

        @ConecChannelListener(group = "news")
        Mono<Void> news(String text) {
            entered.countDown();
            return Mono.<Void>never().doOnCancel(cancelled::countDown);
        }

        @ConecChannelListener(stream = "never")
        Mono<String> never(String text) {
            entered.countDown();
            return Mono.<String>never().doOnCancel(cancelled::countDown);
        }
    }
}
