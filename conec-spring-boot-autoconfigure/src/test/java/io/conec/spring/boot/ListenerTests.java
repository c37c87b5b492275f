package io.conec.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.conec.ConecChannel;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.support.ConecHeaders;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.core.annotation.AliasFor;
import org.springframework.messaging.handler.annotation.Header;

/** Listener methods of a client, called by another client and by the coordinator, and of the coordinator, through real sockets. */
final class ListenerTests {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @TempDir
    private static Path directory;

    private static Applications applications;
    private static ConecCoordinator coordinator;
    private static ConecClient alice;
    private static ConfigurableApplicationContext bob;

    @BeforeAll
    static void start() {
        applications = new Applications(directory);
        coordinator = applications.coordinator(CoordinatorApplication.class).getBean(ConecCoordinator.class);
        bob = applications.client("bob", coordinator, BobsApplication.class, "--prices=price");
        alice = applications
                .client("alice", coordinator, EmptyApplication.class)
                .getBean(ConecClient.class);
    }

    @AfterAll
    static void stop() {
        applications.close();
    }

    @Test
    void textIsAnsweredOnTheSameStreamInOrder() throws Exception {
        try (ConecStream stream = toBob("upper")) {
            stream.send("one");
            stream.send("two");
            assertThat(next(stream).text()).isEqualTo("ONE");
            assertThat(next(stream).text()).isEqualTo("TWO");
        }
    }

    @Test
    void thisSideFinishesWhenTheOtherHas() throws Exception {
        try (ConecStream stream = toBob("upper")) {
            stream.finish();
            assertThat(stream.receive(LIMIT)).isEmpty();
        }
    }

    @Test
    void objectsAreReadAndAnsweredAsJson() throws Exception {
        try (ConecStream stream = toBob("price")) {
            stream.send("{\"article\":\"pear\",\"count\":3}");
            assertThat(next(stream).text()).isEqualTo("{\"article\":\"pear\",\"cents\":90}");
        }
    }

    @Test
    void bytesArriveAsTheyWereSentEmptyOnesToo() throws Exception {
        try (ConecStream stream = toBob("reverse")) {
            stream.send(new byte[0]);
            stream.send(new byte[] {1, 2, 3});
            assertThat(next(stream).bytes()).isEmpty();
            assertThat(next(stream).bytes()).containsExactly(3, 2, 1);
        }
    }

    @Test
    void nullIsNoAnswer() throws Exception {
        try (ConecStream stream = toBob("odd")) {
            stream.send("1");
            stream.send("2");
            stream.send("3");
            assertThat(next(stream).text()).isEqualTo("1");
            assertThat(next(stream).text()).isEqualTo("3");
        }
    }

    @Test
    void headersAndTheProvenNameOfThePeerAreArguments() throws Exception {
        ConecChannel channel = alice.open("bob").join();
        try (ConecStream stream = channel.openStream("headers", Map.of("colour", "blue", ConecHeaders.PEER, "eve"))
                .join()) {
            stream.send("x");
            assertThat(next(stream).text()).isEqualTo("blue alice headers x");
        }
    }

    @Test
    void aStreamBelongsToItsMethod() throws Exception {
        try (ConecStream stream = toBob("raw")) {
            assertThat(next(stream).text()).isEqualTo("welcome");
            assertThat(stream.receive(LIMIT)).isEmpty();
        }
    }

    @Test
    void aMetaAnnotationAndARepeatedOneCount() throws Exception {
        for (String name : List.of("ping", "pong")) {
            try (ConecStream stream = toBob(name)) {
                stream.send("x");
                assertThat(next(stream).text()).isEqualTo("x!");
            }
        }
        try (ConecStream stream = toBob("aliased")) {
            stream.send("x");
            assertThat(next(stream).text()).isEqualTo("aliased x");
        }
        try (ConecStream stream = toBob("meta")) {
            stream.send("x");
            assertThat(next(stream).text()).isEqualTo("meta x");
        }
    }

    @Test
    void otherPeersAreRefused() {
        ConecChannel channel = alice.open("bob").join();
        ConecException failure = failure(() -> channel.openStream("for-carol").join());
        assertThat(failure.code()).isEqualTo(ErrorCode.NO_HANDLER);
    }

    @Test
    void aHandlerThatThrowsResetsItsStreamAndNothingElse() throws Exception {
        ConecChannel channel = alice.open("bob").join();
        try (ConecStream bystander = channel.openStream("upper").join();
                ConecStream stream = channel.openStream("fails").join()) {
            stream.send("x");
            assertThat(failure(() -> stream.receive(LIMIT)).code()).isEqualTo(ErrorCode.HANDLER_FAILED);
            bystander.send("x");
            assertThat(next(bystander).text()).isEqualTo("X");
        }
    }

    @Test
    void aHandlersOwnErrorCodeReachesTheOtherSide() {
        try (ConecStream stream = toBob("forbidden")) {
            stream.send("x");
            assertThat(failure(() -> stream.receive(LIMIT)).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        }
    }

    @Test
    void whatIsNoJsonResetsItsStream() {
        try (ConecStream stream = toBob("price")) {
            stream.send("{\"article\":");
            assertThat(failure(() -> stream.receive(LIMIT)).code()).isEqualTo(ErrorCode.CONVERSION_FAILED);
        }
    }

    @Test
    void aCoordinatorHasListenersToo() throws Exception {
        try (ConecStream stream =
                alice.coordinator().orElseThrow().openStream("who").join()) {
            stream.send("am I");
            assertThat(next(stream).text()).isEqualTo("alice am I");
        }
    }

    @Test
    void openedChannelsAreTold() {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(bob.getBean(BobsApplication.class).channels)
                        .contains(ConecChannel.Kind.COORDINATOR));
    }

    @Test
    void aSlowHandlerOfOneStreamDoesNotHoldUpAnother() throws Exception {
        ConecChannel channel = alice.open("bob").join();
        try (ConecStream slow = channel.openStream("slow").join();
                ConecStream upper = channel.openStream("upper").join()) {
            slow.send("x");
            upper.send("y");
            assertThat(next(upper).text()).isEqualTo("Y");
            bob.getBean(BobsApplication.class).released.countDown();
            assertThat(next(slow).text()).isEqualTo("released");
        }
    }

    @Test
    void eventsAreApplicationEvents() {
        alice.open("bob").join();
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(bob.getBean(BobsApplication.class).opened)
                        .contains("alice")
                        .contains("localhost"));
    }

    private static ConecStream toBob(String name) {
        return alice.open("bob").join().openStream(name).join();
    }

    private static ConecMessage next(ConecStream stream) throws InterruptedException {
        return stream.receive(LIMIT).orElseThrow();
    }

    private interface Action {
        void run() throws Exception;
    }

    private static ConecException failure(Action action) {
        Exception failure = catchThrowableOfType(Exception.class, action::run);
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return (ConecException) Objects.requireNonNull(cause);
    }

    record Order(String article, int count) {}

    record Price(String article, int cents) {}

    @Retention(RetentionPolicy.RUNTIME)
    @ConecChannelListener(stream = "meta")
    @interface MetaListener {}

    @Retention(RetentionPolicy.RUNTIME)
    @ConecChannelListener
    @interface StreamOf {
        @AliasFor(annotation = ConecChannelListener.class, attribute = "stream")
        String value();
    }

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
        private final Queue<ConecChannel.Kind> channels = new ConcurrentLinkedQueue<>();
        private final Queue<String> opened = new ConcurrentLinkedQueue<>();
        private final CountDownLatch released = new CountDownLatch(1);

        @ConecChannelListener
        void opened(ConecChannel channel) {
            channels.add(channel.kind());
        }

        @EventListener
        void opened(ConecEvent.ChannelOpened event) {
            opened.add(event.channel().peer());
        }

        @ConecChannelListener(stream = "upper")
        String upper(String text) {
            return text.toUpperCase(Locale.ROOT);
        }

        @ConecChannelListener(stream = "${prices}")
        Price price(Order order) {
            return new Price(order.article(), 30 * order.count());
        }

        @ConecChannelListener(stream = "reverse")
        byte[] reverse(byte[] bytes) {
            byte[] reversed = new byte[bytes.length];
            for (int i = 0; i < bytes.length; i++) {
                reversed[i] = bytes[bytes.length - 1 - i];
            }
            return reversed;
        }

        @ConecChannelListener(stream = "odd")
        @Nullable
        ConecMessage odd(ConecMessage message) {
            return Integer.parseInt(message.text()) % 2 == 1 ? message : null;
        }

        @ConecChannelListener(stream = "headers")
        String headers(
                @Header("colour") String colour,
                @Header(ConecHeaders.PEER) String peer,
                ConecStream stream,
                String payload) {
            return colour + " " + peer + " " + stream.name() + " " + payload;
        }

        @ConecChannelListener(stream = "raw", peer = "al*")
        void raw(ConecStream stream) {
            stream.send("welcome");
            stream.close();
        }

        @ConecChannelListener(stream = "ping")
        @ConecChannelListener(stream = "pong")
        String both(String text) {
            return text + "!";
        }

        @StreamOf("aliased")
        String aliased(String text) {
            return "aliased " + text;
        }

        @MetaListener
        String meta(String text) {
            return "meta " + text;
        }

        @ConecChannelListener(stream = "for-carol", peer = "carol")
        void carolOnly(String text) {}

        @ConecChannelListener(stream = "fails")
        void fails(String text) {
            throw new IllegalStateException("as the test asks for");
        }

        @ConecChannelListener(stream = "forbidden")
        void forbidden(String text) {
            throw new ConecException(ErrorCode.NOT_ALLOWED, "as the test asks for");
        }

        @ConecChannelListener(stream = "slow")
        String slow(String text) throws InterruptedException {
            released.await();
            return "released";
        }
    }
}
