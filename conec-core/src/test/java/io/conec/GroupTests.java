package io.conec;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.conec.client.ConecClient;
import io.conec.testing.Network;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What members of a group see of each other. */
@SuppressWarnings("try") // Some leave before the end, and a registration is only there to be closed.
final class GroupTests {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final AtomicLong lastName = new AtomicLong();

    private static Network network;

    private final String name = "group-" + lastName.incrementAndGet();

    @BeforeAll
    static void start() {
        network = Network.start();
    }

    @AfterAll
    static void stop() {
        network.close();
    }

    @Test
    void givesEachMessageToAllOthersWithItsSender() throws Exception {
        try (ConecGroup alice = join("alice");
                ConecGroup bob = join("bob");
                ConecGroup carol = join("carol")) {
            get(alice.send("hello"));
            assertThat(texts(bob, 1)).containsExactly("alice: hello");
            get(bob.send("hello, alice"));

            assertThat(texts(carol, 2)).containsExactly("alice: hello", "bob: hello, alice");
            assertThat(texts(alice, 1)).containsExactly("bob: hello, alice");
        }
    }

    @Test
    void givesEachMemberTheSameOrder() throws Exception {
        int each = 500;
        try (ConecGroup alice = join("alice");
                ConecGroup bob = join("bob");
                ConecGroup one = join("carol", GroupOptions.receiveOnly());
                ConecGroup other = join("dave", GroupOptions.receiveOnly())) {
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> sendNumbers(alice, each));
            sendNumbers(bob, each);
            sending.join();

            List<String> order = texts(one, 2 * each);
            assertThat(texts(other, 2 * each)).isEqualTo(order);
            assertThat(order)
                    .filteredOn(text -> text.startsWith("alice"))
                    .containsExactlyElementsOf(numbers("alice", each));
            assertThat(order)
                    .filteredOn(text -> text.startsWith("bob"))
                    .containsExactlyElementsOf(numbers("bob", each));
        }
    }

    @Test
    void givesOwnMessagesToThoseWhoWantThem() throws Exception {
        try (ConecGroup sender = join("alice", GroupOptions.sendOnly());
                ConecGroup without = join("alice", GroupOptions.receiveOnly());
                ConecGroup with = join("alice", GroupOptions.receiveOnly().withOwnMessages(true));
                ConecGroup bob = join("bob")) {
            get(sender.send("mine"));
            get(bob.send("bob's"));

            assertThat(texts(with, 2)).contains("alice: mine", "bob: bob's");
            assertThat(texts(without, 1)).containsExactly("bob: bob's");
        }
    }

    @Test
    void tellsTheCoordinatorsMessagesFromThoseOfAClientWithItsName() throws Exception {
        try (ConecClient namesake = network.client("localhost");
                ConecGroup impostor = get(namesake.join(name));
                ConecGroup coordinator = get(network.coordinator().join(name));
                ConecGroup alice = join("alice")) {
            get(impostor.send("I am it"));
            assertThat(message(alice)).isEqualTo(new GroupMessage("localhost", false, ConecMessage.of("I am it")));
            get(coordinator.send("I am"));
            assertThat(message(alice)).isEqualTo(new GroupMessage("localhost", true, ConecMessage.of("I am")));
            assertThat(message(coordinator))
                    .isEqualTo(new GroupMessage("localhost", false, ConecMessage.of("I am it")));
        }
    }

    @Test
    void countsMembersSendersAndReceivers() {
        ConecGroup alice = join("alice");
        ConecGroup bob = join("bob", GroupOptions.sendOnly());
        ConecGroup coordinator = get(network.coordinator().join(name, GroupOptions.receiveOnly()));
        eventually(() -> assertThat(List.of(counts(alice), counts(bob), counts(coordinator)))
                .containsOnly(List.of(3, 2, 2)));
        assertThat(hosted()).singleElement().satisfies(group -> {
            assertThat(List.of(group.members(), group.senders(), group.receivers()))
                    .isEqualTo(List.of(3, 2, 2));
        });

        coordinator.close();
        bob.close();
        eventually(() -> assertThat(counts(alice)).isEqualTo(List.of(1, 1, 1)));

        alice.close();
        eventually(() -> assertThat(hosted()).isEmpty());
    }

    @Test
    void deliversWhatWasSentBeforeLeaving() throws Exception {
        try (ConecGroup bob = join("bob")) {
            ConecGroup alice = join("alice");
            sendNumbers(alice, 1_000);
            alice.close();

            assertThat(texts(bob, 1_000)).isEqualTo(numbers("alice", 1_000));
            assertThat(alice.receive()).isEmpty();
            assertThat(get(alice.closed()).code()).isEqualTo(ErrorCode.NO_ERROR);
            assertThat(failureOf(alice.send("too late")).code()).isEqualTo(ErrorCode.STREAM_CLOSED);
        }
    }

    @Test
    void deliversWhatTheCoordinatorSentBeforeLeaving() throws Exception {
        try (ConecGroup bob = join("bob")) {
            ConecGroup coordinator = get(network.coordinator().join(name));
            sendNumbers(coordinator, 1_000);
            coordinator.close();

            assertThat(texts(bob, 1_000)).isEqualTo(numbers("localhost", 1_000));
            assertThat(coordinator.receive()).isEmpty();
            assertThat(failureOf(coordinator.send("too late")).code()).isEqualTo(ErrorCode.STREAM_CLOSED);
            assertThat(network.coordinator().groups()).isEmpty();
        }
    }

    @Test
    void carriesMessagesUpToTheLimit() throws Exception {
        int limit = TransportConfig.DEFAULTS.maxMessageBytes();
        byte[] largest = new byte[limit];
        largest[limit - 1] = 7;
        try (ConecGroup alice = join("alice");
                ConecGroup bob = join("bob")) {
            get(alice.send(new byte[0]));
            get(alice.send(largest));
            ConecException tooLarge = failureOf(alice.send(new byte[limit + 1]));
            get(alice.send("still here"));

            assertThat(message(bob).message().size()).isZero();
            assertThat(message(bob).message().bytes()).isEqualTo(largest);
            assertThat(message(bob).message().text()).isEqualTo("still here");
            assertThat(tooLarge.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        }
    }

    @Test
    void deliversToASubscriberAsItAsks() throws Exception {
        try (ConecGroup alice = join("alice");
                ConecGroup bob = join("bob")) {
            List<String> received = new CopyOnWriteArrayList<>();
            CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
            CompletableFuture<Void> completed = new CompletableFuture<>();
            bob.messages().subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscribed.complete(subscription);
                }

                @Override
                public void onNext(GroupMessage item) {
                    received.add(item.message().text());
                }

                @Override
                public void onError(Throwable cause) {
                    completed.completeExceptionally(cause);
                }

                @Override
                public void onComplete() {
                    completed.complete(null);
                }
            });
            get(subscribed).request(2);
            sendNumbers(alice, 3);
            eventually(() -> assertThat(received).containsExactly("0", "1"));
            get(subscribed).request(1);
            eventually(() -> assertThat(received).containsExactly("0", "1", "2"));
            bob.close();
            get(completed);
        }
    }

    @Test
    void cancellingTheSubscriptionLeaves() {
        ConecGroup bob = join("bob");
        bob.messages().subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.cancel();
            }

            @Override
            public void onNext(GroupMessage item) {}

            @Override
            public void onError(Throwable cause) {}

            @Override
            public void onComplete() {}
        });
        assertThat(get(bob.closed()).code()).isEqualTo(ErrorCode.NO_ERROR);
        eventually(() -> assertThat(hosted()).isEmpty());
    }

    @Test
    void readsWithATimeLimitAndAsynchronously() throws Exception {
        try (ConecGroup alice = join("alice");
                ConecGroup bob = join("bob")) {
            assertThat(failureOf(() -> bob.receive(Duration.ofMillis(1))).code())
                    .isEqualTo(ErrorCode.TIMEOUT);
            var next = bob.receiveAsync();
            get(alice.send("now"));

            assertThat(get(next).orElseThrow().message().text()).isEqualTo("now");
        }
    }

    @Test
    void aReceiverCannotSend() {
        try (ConecGroup bob = join("bob", GroupOptions.receiveOnly())) {
            assertThatIllegalStateException().isThrownBy(() -> bob.send("no"));
        }
    }

    @Test
    void membershipsAreNoStreamsOfTheApplication() {
        List<ConecEvent> events = new CopyOnWriteArrayList<>();
        ConecClient alice = network.client("alice");
        try (Registration listening = alice.onEvent(events::add);
                ConecGroup group = join("alice")) {
            assertThat(alice.coordinator().orElseThrow().streams()).isEmpty();
            assertThat(network.coordinator().client("alice").orElseThrow().streams())
                    .isEmpty();
            assertThat(alice.groups()).containsExactly(group);
            group.close();
            eventually(() -> assertThat(events)
                    .containsExactly(
                            new ConecEvent.GroupJoined(group, false),
                            new ConecEvent.GroupLeft(group, new CloseReason(ErrorCode.NO_ERROR, "", false))));
            eventually(() -> assertThat(alice.groups()).isEmpty());
        }
    }

    private ConecGroup join(String client) {
        return join(client, GroupOptions.DEFAULTS);
    }

    private ConecGroup join(String client, GroupOptions options) {
        return get(network.client(client).join(name, options));
    }

    private List<io.conec.coordinator.HostedGroup> hosted() {
        return network.coordinator().hostedGroups().stream()
                .filter(group -> group.name().equals(name))
                .toList();
    }

    private static List<Integer> counts(ConecGroup group) {
        return List.of(group.members(), group.senders(), group.receivers());
    }

    private static void sendNumbers(ConecGroup to, int count) {
        for (int i = 0; i < count; i++) {
            to.send(Integer.toString(i));
        }
    }

    private static List<String> numbers(String sender, int count) {
        List<String> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(sender + ": " + i);
        }
        return numbers;
    }

    private static GroupMessage message(ConecGroup from) throws InterruptedException {
        return from.receive(PATIENCE).orElseThrow();
    }

    private static List<String> texts(ConecGroup from, int count) throws InterruptedException {
        List<String> texts = new ArrayList<>();
        while (texts.size() < count) {
            GroupMessage message = message(from);
            assertThat(message.message().lostBefore()).isZero();
            texts.add(message.sender() + ": " + message.message().text());
        }
        return texts;
    }
}
