package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static io.conec.spring.boot.Streams.ask;
import static io.conec.spring.boot.Streams.failure;
import static io.conec.spring.boot.Streams.toCoordinator;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.listener.ConecListenerErrorHandler;
import io.conec.spring.support.ConecHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

/** What becomes of failures in listener methods of a coordinator. */
@ExtendWith(OutputCaptureExtension.class)
final class ListenerErrorTests {
    @TempDir
    private static Path directory;

    private static Applications applications;
    private static ConfigurableApplicationContext context;
    private static ConecClient alice;

    @BeforeAll
    static void start() {
        applications = new Applications(directory);
        context = applications.coordinator(Application.class, "--conec.transport.max-message-size=64KB");
        ConecCoordinator coordinator = context.getBean(ConecCoordinator.class);
        alice = applications
                .client("alice", coordinator, EmptyApplication.class)
                .getBean(ConecClient.class);
    }

    @AfterAll
    static void stop() {
        applications.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"throws", "future", "mono", "flux", "whole", "raw", "unwritable"})
    void aFailureIsLoggedOnceAndToldInGeneralTerms(String name, CapturedOutput output) {
        try (ConecStream stream = toCoordinator(alice, name)) {
            stream.send("x");
            ConecException failure = failure(() -> stream.receive(LIMIT));
            assertThat(failure.code()).isEqualTo(ErrorCode.HANDLER_FAILED);
            assertThat(failure)
                    .hasMessage("the listener failed")
                    .hasMessageNotContaining("secret")
                    .hasNoCause();
        }
        assertThat(output.getOut().lines().filter(line -> line.contains("ListenerErrors")))
                .hasSize(1)
                .first()
                .asString()
                .contains("Application." + name, "stream \"" + name + "\" from alice");
        assertThat(output).containsAnyOf("secret", "cannot be sent");
    }

    @ParameterizedTest
    @ValueSource(strings = {"throws", "future", "mono", "unreadable"})
    void anErrorHandlersAnswerTakesThePlaceOfTheResult(String name) throws Exception {
        try (ConecStream stream = toCoordinator(alice, "handled-" + name)) {
            assertThat(ask(stream, "x")).startsWith("sorry alice, x: ");
            assertThat(ask(stream, "y")).startsWith("sorry alice, y: ");
        }
    }

    @Test
    void anErrorHandlersAnswerIsTheLastOfAWholeStream() throws Exception {
        try (ConecStream stream = toCoordinator(alice, "handled-whole")) {
            assertThat(ask(stream, "x")).isEqualTo("whole: secret");
            assertThat(stream.receive(LIMIT)).isEmpty();
        }
    }

    @Test
    void whatFailsAfterTheStreamHasEndedIsLoggedUnlessItIsAboutThat(CapturedOutput output) throws Exception {
        try (ConecStream stream = toCoordinator(alice, "ends-and-fails")) {
            assertThat(stream.receive(LIMIT)).isEmpty();
        }
        await().atMost(LIMIT).untilAsserted(() -> assertThat(output).contains("secret of another stream"));
        ConecStream reading = toCoordinator(alice, "reads");
        reading.reset(ErrorCode.REFUSED, "for the test");
        Application application = context.getBean(Application.class);
        assertThat(application.read.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(ask(toCoordinator(alice, "handled-throws"), "x")).startsWith("sorry");
        assertThat(output).doesNotContain("stream \"reads\"");
    }

    @Test
    void anErrorHandlerThatThrowsChoosesTheCode() {
        try (ConecStream stream = toCoordinator(alice, "refused")) {
            stream.send("x");
            ConecException failure = failure(() -> stream.receive(LIMIT));
            assertThat(failure.code()).isEqualTo(ErrorCode.REFUSED);
            assertThat(failure).hasMessageNotContaining("secret");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"too-large", "whole-too-large", "flux-too-large"})
    void anAnswerThatIsTooLargeIsNoAnswer(String name) {
        try (ConecStream stream = toCoordinator(alice, name)) {
            stream.send("x");
            stream.finish();
            assertThat(failure(() -> stream.receive(LIMIT)).code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        }
    }

    @Test
    void anErrorHandlerOfAListenerToChannelsIsTold() {
        Application application = context.getBean(Application.class);
        // The coordinator's listener runs beside the client's start.
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(application.channelFailures).contains("secret alice"));
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class EmptyApplication {}

    static class Unwritable {
        @SuppressWarnings("unused")
        public String getValue() {
            throw new IllegalStateException("unwritable");
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        ConecListenerErrorHandler apology() {
            return (message, failure) -> "sorry " + message.getHeaders().get(ConecHeaders.PEER) + ", "
                    + new String((byte[]) message.getPayload(), StandardCharsets.UTF_8) + ": " + failure.getMessage();
        }

        @Bean
        ConecListenerErrorHandler whole() {
            return (message, failure) ->
                    ((ConecStream) message.getPayload()).name().substring("handled-".length()) + ": "
                            + failure.getMessage();
        }

        @Bean
        ConecListenerErrorHandler refusal() {
            return (message, failure) -> {
                throw new ConecException(ErrorCode.REFUSED, "secret", failure);
            };
        }

        private final CountDownLatch read = new CountDownLatch(1);
        private final Queue<String> channelFailures = new ConcurrentLinkedQueue<>();

        @Bean
        ConecListenerErrorHandler channelFailed() {
            return (message, failure) -> {
                channelFailures.add(failure.getMessage() + " " + ((ConecChannel) message.getPayload()).peer());
                return null;
            };
        }

        @ConecChannelListener(errorHandler = "channelFailed")
        void opened(ConecChannel channel) {
            throw new IllegalStateException("secret");
        }

        @ConecChannelListener(stream = "too-large")
        byte[] tooLarge(String text) {
            return new byte[64 * 1024 + 1];
        }

        @ConecChannelListener(stream = "whole-too-large")
        Mono<byte[]> wholeTooLarge(Flux<String> texts) {
            return texts.then(Mono.just(new byte[64 * 1024 + 1]));
        }

        @ConecChannelListener(stream = "flux-too-large")
        Flux<byte[]> fluxTooLarge(String text) {
            return Flux.just(new byte[64 * 1024 + 1]);
        }

        @ConecChannelListener(stream = "throws")
        @ConecChannelListener(stream = "handled-throws", errorHandler = "apology")
        @ConecChannelListener(stream = "refused", errorHandler = "#{@refusal}")
        String throws_(String text) {
            throw new IllegalStateException("secret");
        }

        @ConecChannelListener(stream = "future")
        @ConecChannelListener(stream = "handled-future", errorHandler = "apology")
        CompletableFuture<String> future(String text) {
            return CompletableFuture.failedFuture(new IllegalStateException("secret"));
        }

        @ConecChannelListener(stream = "mono")
        @ConecChannelListener(stream = "handled-mono", errorHandler = "apology")
        Mono<String> mono(String text) {
            return Mono.error(new IllegalStateException("secret"));
        }

        @ConecChannelListener(stream = "flux")
        Flux<String> flux(String text) {
            return Flux.error(new IllegalStateException("secret"));
        }

        @ConecChannelListener(stream = "whole")
        @ConecChannelListener(stream = "handled-whole", errorHandler = "whole")
        Flux<String> whole(Flux<String> texts) {
            return texts.map(text -> {
                throw new IllegalStateException("secret");
            });
        }

        @ConecChannelListener(stream = "raw")
        void raw(ConecStream stream) {
            throw new IllegalStateException("secret");
        }

        @ConecChannelListener(stream = "ends-and-fails")
        void endsAndFails(ConecStream stream) {
            stream.close();
            stream.closed().join();
            throw new ConecException(ErrorCode.TIMEOUT, "secret of another stream");
        }

        @ConecChannelListener(stream = "reads")
        void reads(ConecStream stream) throws InterruptedException {
            try {
                stream.receive();
            } finally {
                read.countDown();
            }
        }

        @ConecChannelListener(stream = "unwritable")
        Unwritable unwritable(String text) {
            return new Unwritable();
        }

        @ConecChannelListener(stream = "handled-unreadable", errorHandler = "apology")
        String unreadable(int number) {
            return "unreadable";
        }
    }
}
