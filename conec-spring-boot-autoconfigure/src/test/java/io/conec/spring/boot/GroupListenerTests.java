package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static io.conec.spring.boot.Streams.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ConecGroup;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.HostedGroup;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.core.ConecTemplate;
import io.conec.spring.listener.ConecListenerEndpointRegistry;
import io.conec.spring.listener.ConecListenerErrorHandler;
import io.conec.spring.support.ConecHeaders;
import io.conec.spring.support.ConecPeer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
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
import org.springframework.context.annotation.Bean;
import org.springframework.messaging.handler.annotation.Header;
import reactor.core.publisher.Mono;

/** Listeners that are members of groups, in clients and in the coordinator. */
@ExtendWith(OutputCaptureExtension.class)
final class GroupListenerTests {
    @TempDir
    private static Path directory;

    private static Applications applications;
    private static ConfigurableApplicationContext coordinatorContext;
    private static ConecCoordinator coordinator;
    private static ConfigurableApplicationContext bobsContext;
    private static Members bob;
    private static ConecTemplate alice;

    @BeforeAll
    static void start() {
        applications = new Applications(directory);
        coordinatorContext = applications.coordinator(CoordinatorApplication.class);
        coordinator = coordinatorContext.getBean(ConecCoordinator.class);
        bobsContext = applications.client(
                "bob",
                coordinator,
                MembersApplication.class,
                "--group=news",
                "--conec.groups.own.own-messages=true",
                "--conec.groups.firehose.slow-receiver=drop-oldest",
                "--conec.groups.firehose.max-messages=10");
        bob = bobsContext.getBean(Members.class);
        alice = applications
                .client("alice", coordinator, PlainApplication.class)
                .getBean(ConecTemplate.class);
        awaitMembers("news", 2);
        awaitMembers("own", 1);
        awaitMembers("errors", 1);
        awaitMembers("firehose", 1);
        awaitMembers("only-carol", 1);
        awaitMembers("questions", 1);
    }

    @AfterAll
    static void stop() {
        applications.close();
    }

    @BeforeEach
    void forget() {
        bob.received.clear();
        coordinatorContext.getBean(CoordinatorApplication.class).received.clear();
    }

    @Test
    void allMembersReceiveWhatOneSendsAndWhoSentIt() {
        alice.sendToGroup("news", new Item("rain", 3));
        await().atMost(LIMIT).until(() -> List.copyOf(bob.received).equals(List.of("rain 3 from alice alice false 0")));
        await().atMost(LIMIT)
                .until(() -> List.copyOf(coordinatorContext.getBean(CoordinatorApplication.class).received)
                        .equals(List.of("rain from alice")));
    }

    @Test
    void aCoordinatorSendsToo() {
        coordinatorContext.getBean(ConecTemplate.class).sendToGroup("news", new Item("sun", 1));
        await().atMost(LIMIT).until(() -> !bob.received.isEmpty());
        assertThat(bob.received).first().asString().startsWith("sun 1 from ").endsWith("true 0");
    }

    @Test
    void messagesComeInTheOrderInWhichTheyWereSent() {
        for (int i = 0; i < 100; i++) {
            alice.sendToGroup("news", new Item("n", i));
        }
        await().atMost(LIMIT).until(() -> bob.received.size() == 100);
        assertThat(bob.received.stream().map(text -> Integer.parseInt(text.substring(2, text.indexOf(' ', 2)))))
                .isSorted();
    }

    @Test
    void ownMessagesComeOnlyWhereThatIsAskedFor() {
        ConecTemplate bobs = bobsContext.getBean(ConecTemplate.class);
        bobs.sendToGroup("own", "to myself");
        await().atMost(LIMIT).until(() -> bob.received.contains("own to myself"));
        bobs.sendToGroup("news", new Item("mine", 1));
        alice.sendToGroup("news", new Item("hers", 1));
        await().atMost(LIMIT).until(() -> bob.received.stream().anyMatch(text -> text.startsWith("hers")));
        assertThat(bob.received).noneMatch(text -> text.startsWith("mine"));
    }

    @Test
    void aListenerThatTakesTheGroupSendsToIt() throws Exception {
        try (ConecGroup questions = applications
                .client("dora", coordinator, PlainApplication.class)
                .getBean(ConecClient.class)
                .join("questions")
                .join()) {
            questions.send("how much?");
            assertThat(questions.receive(LIMIT).orElseThrow())
                    .satisfies(answer -> assertThat(answer.sender()).isEqualTo("bob"))
                    .satisfies(answer -> assertThat(answer.message().text()).isEqualTo("how much? 42"));
        }
    }

    @Test
    void othersThanTheNamedSendersAreNotHeard() {
        alice.sendToGroup("only-carol", "from alice");
        applications
                .client("carol", coordinator, PlainApplication.class)
                .getBean(ConecTemplate.class)
                .sendToGroup("only-carol", "from carol");
        await().atMost(LIMIT).until(() -> bob.received.contains("carol's from carol"));
        assertThat(bob.received).doesNotContain("carol's from alice");
    }

    @Test
    void whatFailsIsLoggedOnceAndTheNextMessageFollows(CapturedOutput output) {
        for (String text : List.of("fail", "\"not a number", "7")) {
            alice.sendToGroup("errors", text);
        }
        await().atMost(LIMIT).until(() -> bob.received.contains("number 7"));
        assertThat(output.getOut().lines().filter(line -> line.contains("GroupLoop")))
                .hasSize(2);
        assertThat(output).contains("cannot be converted for listener");
    }

    @Test
    void anErrorHandlerIsTold() {
        alice.sendToGroup("handled", "x");
        await().atMost(LIMIT).until(() -> bob.received.contains("handled as the test asks for by alice"));
    }

    @Test
    void aSlowListenerThatDropsIsToldExactlyHowManyItLost() {
        int sent = 2_000;
        for (int i = 0; i < sent; i++) {
            alice.sendToGroup("firehose", Integer.toString(i));
        }
        bob.firehose.countDown();
        await().atMost(LIMIT).until(() -> bob.newest.get() == sent - 1);
        assertThat(bob.drops.get() + bob.drunk.get()).isEqualTo(sent);
        assertThat(bob.drops.get()).isPositive();
    }

    @Test
    void aStoppedListenerLeavesAndAStartedOneJoins() {
        ConecListenerEndpointRegistry registry = bobsContext.getBean(ConecListenerEndpointRegistry.class);
        registry.container("news").orElseThrow().stop();
        awaitMembers("news", 1);
        registry.container("news").orElseThrow().start();
        awaitMembers("news", 2);
        alice.sendToGroup("news", new Item("again", 1));
        await().atMost(LIMIT).until(() -> !bob.received.isEmpty());
    }

    @Test
    void sendingToAGroupThatMayNotBeJoinedFails() {
        ConecCoordinator strict = applications
                .coordinator(
                        PlainApplication.class,
                        "--conec.coordinator.rules[0].access=deny",
                        "--conec.coordinator.rules[0].group=secret")
                .getBean(ConecCoordinator.class);
        ConecTemplate eve =
                applications.client("eve", strict, PlainApplication.class).getBean(ConecTemplate.class);
        eve.sendToGroup("open", "x");
        assertThat(failure(() -> eve.sendToGroup("secret", "x")).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
    }

    @Test
    void aListenerThatMayNotJoinKeepsItsApplicationRunning(CapturedOutput output) {
        ConecCoordinator strict = applications
                .coordinator(
                        PlainApplication.class,
                        "--conec.coordinator.default-policy=deny",
                        "--conec.coordinator.rules[0].access=allow",
                        "--conec.coordinator.rules[0].kinds=connect")
                .getBean(ConecCoordinator.class);
        ConfigurableApplicationContext context =
                applications.client("frank", strict, MembersApplication.class, "--group=news");
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(
                                output.getOut().lines().filter(line -> line.contains("cannot join group \"news\"")))
                        .hasSize(1)
                        .first()
                        .asString()
                        .contains("NOT_ALLOWED"));
        assertThat(context.isRunning()).isTrue();
        context.close();
    }

    private static void awaitMembers(String group, int members) {
        await().atMost(LIMIT)
                .until(() -> hosted(group).map(HostedGroup::receivers).orElse(0) == members);
    }

    private static Optional<HostedGroup> hosted(String group) {
        return coordinator.hostedGroups().stream()
                .filter(hosted -> hosted.name().equals(group))
                .findAny();
    }

    record Item(String text, int number) {}

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class PlainApplication {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class CoordinatorApplication {
        private final Queue<String> received = new ConcurrentLinkedQueue<>();

        @ConecChannelListener(group = "news")
        void news(Item item, ConecPeer sender) {
            received.add(item.text() + " from " + sender.name());
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class MembersApplication {
        @Bean
        Members members() {
            return new Members();
        }

        @Bean
        ConecListenerErrorHandler told(Members members) {
            return (message, failure) -> {
                members.received.add("handled " + failure.getMessage() + " by "
                        + message.getHeaders().get(ConecHeaders.PEER));
                return null;
            };
        }
    }

    static class Members {
        private final Queue<String> received = new ConcurrentLinkedQueue<>();
        private final CountDownLatch firehose = new CountDownLatch(1);
        private final AtomicLong drops = new AtomicLong();
        private final AtomicLong drunk = new AtomicLong();
        private final AtomicLong newest = new AtomicLong();

        @ConecChannelListener(id = "news", group = "${group}")
        Mono<Void> news(
                Item item,
                ConecPeer sender,
                @Header(ConecHeaders.PEER) String peer,
                @Header(ConecHeaders.LOST_BEFORE) long lost) {
            return Mono.fromRunnable(() -> received.add(item.text() + " " + item.number() + " from " + sender.name()
                    + " " + peer + " " + sender.coordinator() + " " + lost));
        }

        @ConecChannelListener(group = "own")
        CompletableFuture<Void> own(String text) {
            received.add("own " + text);
            return CompletableFuture.completedFuture(null);
        }

        @ConecChannelListener(group = "questions")
        void answer(String question, ConecGroup group) {
            group.send(question + " 42");
        }

        @ConecChannelListener(group = "only-carol", peer = "carol")
        void fromCarol(String text) {
            received.add("carol's " + text);
        }

        @ConecChannelListener(group = "errors")
        void errors(int number) {
            received.add("number " + number);
        }

        @ConecChannelListener(group = "handled", errorHandler = "told")
        void handled(String text) {
            throw new IllegalStateException("as the test asks for");
        }

        @ConecChannelListener(group = "firehose")
        void firehose(String number, @Header(ConecHeaders.LOST_BEFORE) long lost) throws InterruptedException {
            firehose.await();
            drops.addAndGet(lost);
            drunk.incrementAndGet();
            newest.set(Long.parseLong(number));
        }
    }
}
