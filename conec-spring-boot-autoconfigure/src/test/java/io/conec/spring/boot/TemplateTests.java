package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static io.conec.spring.boot.Streams.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecParty;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.core.ConecRequest;
import io.conec.spring.core.ConecTemplate;
import io.conec.spring.core.TypedStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.messaging.converter.MessageConversionException;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.util.MimeTypeUtils;
import reactor.core.publisher.Flux;

/** One client asks another, through real sockets; so does the coordinator. */
@ExtendWith(OutputCaptureExtension.class)
final class TemplateTests {
    @TempDir
    private static Path directory;

    private static Applications applications;
    private static ConfigurableApplicationContext coordinator;
    private static ConfigurableApplicationContext alice;
    private static BobsApplication bob;
    private static ConecTemplate template;

    @BeforeAll
    static void start() {
        applications = new Applications(directory);
        coordinator = applications.coordinator(CoordinatorApplication.class);
        ConecCoordinator party = coordinator.getBean(ConecCoordinator.class);
        bob = applications.client("bob", party, BobsApplication.class).getBean(BobsApplication.class);
        alice = applications.client("alice", party, EmptyApplication.class);
        template = alice.getBean(ConecTemplate.class);
    }

    @AfterAll
    static void stop() {
        applications.close();
    }

    @BeforeEach
    void forget() {
        bob.handled.clear();
        bob.cancelled.clear();
    }

    @Test
    void anAnswerIsReadAsTheTypeThatIsAskedFor() throws Exception {
        Order order = new Order("pear", 3);
        assertThat(template.request("bob", "price", order, Price.class)).isEqualTo(new Price("pear", 90));
        assertThat(template.requestAsync("bob", "price", order, Price.class).get())
                .isEqualTo(new Price("pear", 90));
        assertThat(template.request("bob", "price", order, String.class))
                .isEqualTo("{\"article\":\"pear\",\"cents\":90}");
        assertThat(template.request(
                        "bob", "prices", List.of(order, order), new ParameterizedTypeReference<List<Price>>() {}))
                .containsExactly(new Price("pear", 90), new Price("pear", 90));
    }

    @Test
    void aCoordinatorAsksItsClients() {
        ConecTemplate coordinators = coordinator.getBean(ConecTemplate.class);
        assertThat(coordinators.request("bob", "price", new Order("fig", 1), Price.class))
                .isEqualTo(new Price("fig", 30));
        ConecException failure = failure(() -> coordinators.request("carol", "price", "", String.class));
        assertThat(failure.code()).isEqualTo(ErrorCode.UNKNOWN_PEER);
        assertThat(failure).hasMessageContaining("\"carol\"");
        assertThat(failure(() -> coordinators.toCoordinator("who").request("", String.class))
                        .code())
                .isEqualTo(ErrorCode.NOT_CONNECTED);
    }

    @Test
    void aClientAsksItsCoordinator() {
        assertThat(template.toCoordinator("who").request("am I", String.class)).isEqualTo("alice am I");
    }

    @Test
    void headersAndContentTypeTravelWithTheStream() {
        assertThat(template.to("bob", "headers")
                        .header("colour", "blue")
                        .contentType(MimeTypeUtils.parseMimeType("text/csv"))
                        .request("a;b", String.class))
                .isEqualTo("blue text/csv a;b");
        assertThat(template.to("bob", "headers").header("colour", "red").request("a", String.class))
                .isEqualTo("red text/plain a");
    }

    @Test
    void noAnswerIsNull() {
        assertThat(template.request("bob", "nothing", "x", String.class)).isNull();
        assertThat(template.request("bob", "price", new Order("fig", 1), Void.class))
                .isNull();
    }

    @Test
    void askingForNothingWaitsUntilTheListenerIsDone() {
        template.request("bob", "takes-a-while", "x", Void.class);
        assertThat(bob.handled).containsExactly("x");
        ConecException failure = failure(() -> template.request("bob", "fails", "x", Void.class));
        assertThat(failure.code()).isEqualTo(ErrorCode.HANDLER_FAILED);
        assertThat(failure).hasMessageContaining("\"fails\"").hasMessageContaining("\"bob\"");
    }

    /** So many that calls which nested would overflow the stack. */
    @Test
    void askingForNothingPassesOverAnyNumberOfAnswers() {
        assertThat(template.request("bob", "many", "x", Void.class)).isNull();
    }

    @Test
    void whatIsSentIsHandledAndItsAnswerIsNobodysBusiness(CapturedOutput output) {
        template.send("bob", "price", new Order("fig", 2));
        template.send("bob", "takes-a-while", "sent");
        await().atMost(LIMIT).until(() -> bob.handled.contains("sent"));
        assertNoStreamsAreLeft();
        assertThat(output).doesNotContain("ListenerErrors");
    }

    @Test
    void aDeadlineThatPassesCancelsTheHandler() {
        ConecException failure = failure(() ->
                template.to("bob", "never").timeout(Duration.ofMillis(300)).request("x", String.class));
        assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(failure)
                .hasMessageContaining("\"never\"")
                .hasMessageContaining("\"bob\"")
                .hasMessageContaining("300 ms");
        await().atMost(LIMIT).until(() -> bob.cancelled.contains("x"));
        assertNoStreamsAreLeft();
    }

    @Test
    void aDeadlineIsInTheFutureAndMayBeFarAway() {
        ConecRequest request = template.to("bob", "name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> request.timeout(Duration.ZERO))
                .withMessageContaining("has to be positive");
        Duration forEver = Duration.ofSeconds(Long.MAX_VALUE);
        assertThat(template.to("bob", "nothing").timeout(forEver).request("x", String.class))
                .isNull();
    }

    @Test
    void thePropertyIsTheDeadlineOfAllOtherRequests() {
        ConfigurableApplicationContext hasty = applications.client(
                "hasty",
                coordinator.getBean(ConecCoordinator.class),
                EmptyApplication.class,
                "--conec.client.request-timeout=200ms");
        ConecException failure =
                failure(() -> hasty.getBean(ConecTemplate.class).request("bob", "never", "y", String.class));
        assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
        hasty.close();
    }

    @Test
    void cancellingAFutureCancelsTheHandler() {
        CompletableFuture<@Nullable String> answer = template.requestAsync("bob", "never", "z", String.class);
        await().atMost(LIMIT).until(() -> bob.handled.contains("z"));
        answer.cancel(true);
        await().atMost(LIMIT).until(() -> bob.cancelled.contains("z"));
        assertNoStreamsAreLeft();
    }

    @Test
    void cancellingAtOnceLeavesNothingBehind() {
        for (int i = 0; i < 20; i++) {
            template.requestAsync("bob", "never", "w", String.class).cancel(true);
        }
        assertNoStreamsAreLeft();
    }

    @Test
    void anInterruptedCallerCancelsTheHandlerAndStaysInterrupted() throws Exception {
        AtomicReference<ConecException> failure = new AtomicReference<>();
        AtomicReference<Boolean> interrupted = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                template.request("bob", "never", "v", String.class);
            } catch (ConecException e) {
                failure.set(e);
                interrupted.set(Thread.currentThread().isInterrupted());
            }
        });
        caller.start();
        await().atMost(LIMIT).until(() -> bob.handled.contains("v"));
        caller.interrupt();
        caller.join();
        assertThat(failure.get().code()).isEqualTo(ErrorCode.CANCELLED);
        assertThat(interrupted.get()).isTrue();
        await().atMost(LIMIT).until(() -> bob.cancelled.contains("v"));
    }

    @Test
    void whatGoesWrongNamesStreamAndPeer() {
        assertThat(failure(() -> template.request("nobody", "price", "", String.class))
                        .code())
                .isEqualTo(ErrorCode.UNKNOWN_PEER);
        assertThat(failure(() -> template.request("not an id", "price", "", String.class))
                        .code())
                .isEqualTo(ErrorCode.INVALID_ID);
        ConecException failure = failure(() -> template.request("bob", "unheard-of", "", String.class));
        assertThat(failure.code()).isEqualTo(ErrorCode.NO_HANDLER);
        assertThat(failure).hasMessageContaining("\"unheard-of\"").hasMessageContaining("\"bob\"");
        // The stack is the caller's, the cause the core's.
        assertThat(failure.getStackTrace())
                .anyMatch(frame -> frame.getClassName().equals(TemplateTests.class.getName()));
    }

    @Test
    void anAnswerThatCannotBeReadFails() {
        ConecException failure = failure(() -> template.request("bob", "text", "x", Price.class));
        assertThat(failure.code()).isEqualTo(ErrorCode.CONVERSION_FAILED);
        assertNoStreamsAreLeft();
    }

    @Test
    void aPayloadThatCannotBeWrittenFailsAtOnce() {
        Object unwritable = new Unwritable();
        assertThatExceptionOfType(MessageConversionException.class)
                .isThrownBy(() -> template.requestAsync("bob", "text", unwritable, String.class));
    }

    @Test
    void manyRequestsAtOnceEachGetTheirOwnAnswer() throws Exception {
        List<CompletableFuture<Price>> answers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            answers.add(template.requestAsync("bob", "price", new Order("a" + i, i), Price.class));
        }
        for (int i = 0; i < 300; i++) {
            assertThat(answers.get(i).get()).isEqualTo(new Price("a" + i, 30 * i));
        }
        assertNoStreamsAreLeft();
    }

    @Test
    void anAnswerCountsThatDidNotWaitForTheQuestion() {
        for (int i = 0; i < 20; i++) {
            assertThat(template.request("bob", "unread", "x".repeat(100_000), String.class))
                    .isEqualTo("unread");
        }
        assertNoStreamsAreLeft();
    }

    @Test
    void aMessageThatIsTooLargeIsNotSent() {
        ConecException failure = failure(() -> template.request("bob", "text", new byte[5_000_000], String.class));
        assertThat(failure.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        assertNoStreamsAreLeft();
    }

    @Test
    void aStreamStaysOpenForManyPayloads() throws Exception {
        try (TypedStream stream = template.to("bob", "price").open().join()) {
            stream.send(new Order("pear", 1));
            stream.send(new Order("pear", 2));
            assertThat(stream.receive(Price.class, LIMIT)).contains(new Price("pear", 30));
            assertThat(stream.receive(Price.class, LIMIT)).contains(new Price("pear", 60));
            stream.finish();
            assertThat(stream.receive(Price.class, LIMIT)).isEmpty();
        }
    }

    private static void assertNoStreamsAreLeft() {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(alice.getBean(ConecParty.class).channels().stream()
                                .flatMap(channel -> channel.streams().stream()))
                        .isEmpty());
    }

    static class Unwritable {
        @SuppressWarnings("unused")
        public Object getSelf() {
            throw new IllegalStateException("unwritable");
        }
    }

    record Order(String article, int count) {}

    record Price(String article, int cents) {}

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class EmptyApplication {}

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class CoordinatorApplication {
        @ConecChannelListener(stream = "who")
        String who(String question, ConecChannel channel) {
            return channel.peer() + " " + question;
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class BobsApplication {
        private final Queue<String> handled = new ConcurrentLinkedQueue<>();
        private final Queue<String> cancelled = new ConcurrentLinkedQueue<>();

        @ConecChannelListener(stream = "price")
        Price price(Order order) {
            return new Price(order.article(), 30 * order.count());
        }

        @ConecChannelListener(stream = "prices")
        List<Price> prices(List<Order> orders) {
            return orders.stream().map(this::price).toList();
        }

        @ConecChannelListener(stream = "headers")
        String headers(String text, @Header("colour") String colour, @Header("content-type") String contentType) {
            return colour + " " + contentType + " " + text;
        }

        @ConecChannelListener(stream = "text")
        String text(String text) {
            return "not JSON";
        }

        @ConecChannelListener(stream = "many")
        Flux<byte[]> many(String text) {
            return Flux.range(0, 200_000).map(i -> new byte[0]);
        }

        @ConecChannelListener(stream = "nothing")
        void nothing(String text) {}

        @ConecChannelListener(stream = "takes-a-while")
        CompletableFuture<String> takesAWhile(String text) {
            return CompletableFuture.supplyAsync(
                    () -> {
                        handled.add(text);
                        return "done";
                    },
                    CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS));
        }

        @ConecChannelListener(stream = "unread")
        void answersWithoutReading(ConecStream stream) {
            stream.send("unread");
            stream.close();
        }

        @ConecChannelListener(stream = "fails")
        void fails(String text) {
            throw new IllegalStateException("as the test asks for");
        }

        @ConecChannelListener(stream = "never", concurrency = "100")
        CompletableFuture<String> never(String text) {
            handled.add(text);
            CompletableFuture<String> never = new CompletableFuture<>();
            never.whenComplete((answer, failure) -> cancelled.add(text));
            return never;
        }
    }
}
