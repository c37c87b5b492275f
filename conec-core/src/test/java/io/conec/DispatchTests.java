package io.conec;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.conec.client.ConecClient;
import io.conec.client.PathPolicy;
import io.conec.testing.ChannelKind;
import io.conec.testing.Ends;
import io.conec.testing.Network;
import io.conec.testing.StreamEnds;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Where and in which order application code runs. */
@SuppressWarnings("try") // A registration is closed, not used.
final class DispatchTests {
    private final AtomicInteger threads = new AtomicInteger();
    private final ExecutorService executor =
            Executors.newCachedThreadPool(task -> new Thread(task, "app-" + threads.incrementAndGet()));
    private Network network;

    @BeforeEach
    void start() {
        network = Network.start(transport -> transport, coordinator -> coordinator.executor(executor));
        network.client("alice", client -> client.executor(executor));
        network.client("bob", client -> client.executor(executor));
    }

    @AfterEach
    void close() {
        network.close();
        executor.shutdownNow();
    }

    @Test
    void stagesCompleteOnTheExecutor() {
        Ends ends = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        StreamEnds stream = ends.open();
        StreamEnds lost = ends.open();
        CountDownLatch attached = new CountDownLatch(1);
        CompletableFuture<String> refused;
        CompletableFuture<String> opened;
        try (Registration handling = ends.acceptorParty()
                .onStream(
                        offer -> {
                            awaitUninterruptibly(attached);
                            return offer.name().equals("x");
                        },
                        taken -> {})) {
            opened = thread(ends.opener().openStream("x"));
            refused = thread(ends.opener().openStream("y"));
            attached.countDown();
            assertThat(get(opened)).startsWith("app-");
            assertThat(get(refused)).startsWith("app-");
        }
        CompletableFuture<String> read = thread(stream.accepted().receiveAsync());
        List<CompletableFuture<String>> whenReset = List.of(
                thread(stream.opened().closed()),
                thread(stream.accepted().closed()),
                thread(stream.opened().receiveAsync()),
                thread(last(StreamTests.fill(lost.opened()))));
        stream.opened().send("x");
        assertThat(get(read)).startsWith("app-");
        stream.opened().reset(ErrorCode.CANCELLED);
        lost.accepted().stopReceiving(ErrorCode.NOT_READING);
        assertThat(whenReset).allSatisfy(each -> assertThat(get(each)).startsWith("app-"));
    }

    @Test
    void stagesFailOnTheExecutorWhenTheChannelEnds() {
        Ends ends = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        StreamEnds stream = ends.open();
        CountDownLatch ended = new CountDownLatch(1);
        try (Registration handling = ends.acceptorParty()
                .onStream(
                        offer -> {
                            awaitUninterruptibly(ended);
                            return true;
                        },
                        taken -> {})) {
            List<CompletableFuture<String>> stages = List.of(
                    thread(ends.opener().openStream("x")),
                    thread(ends.opener().closed()),
                    thread(stream.opened().closed()),
                    thread(stream.opened().receiveAsync()),
                    thread(last(StreamTests.fill(stream.opened()))));
            ends.opener().close();
            assertThat(stages).allSatisfy(each -> assertThat(get(each)).startsWith("app-"));
        } finally {
            ended.countDown();
        }
    }

    @Test
    void aContinuationMayBlock() throws Exception {
        Ends ends = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        StreamEnds stream = ends.open();
        CountDownLatch over = new CountDownLatch(1);
        CompletableFuture<Void> blocked = stream.accepted().receiveAsync().thenRun(() -> awaitUninterruptibly(over));
        Registration blocking = network.client("bob").onEvent(event -> awaitUninterruptibly(over));
        stream.opened().send("block");
        ends.open(taken -> awaitUninterruptibly(over));

        StreamEnds other = ends.open();
        for (int i = 0; i < 100; i++) {
            other.opened().send("" + i);
            assertThat(other.accepted().receive().orElseThrow().text()).isEqualTo("" + i);
        }

        assertThat(blocked).isNotDone();
        over.countDown();
        get(blocked);
        blocking.close();
    }

    @Test
    void aRejectingExecutorStillCompletesStages() throws Exception {
        Ends ends = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        executor.shutdown();

        StreamEnds stream = ends.open();
        CompletableFuture<?> read = stream.accepted().receiveAsync();
        get(stream.opened().send("hello"));
        get(read);
        ends.opener().close();

        get(stream.accepted().closed());
        get(ends.acceptor().closed());
    }

    /** A predicate runs on the network thread, what follows on a stage does not. */
    @Test
    void aChannelThatIsOpenIsGivenOnTheExecutorToWhoeverAsksOnTheNetworkThread() {
        Ends ends = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        ConecClient bob = network.client("bob");
        get(bob.open("alice"));
        CompletableFuture<String> given = new CompletableFuture<>();
        try (Registration handling = bob.onStream(
                offer -> {
                    thread(bob.open("alice")).thenAccept(given::complete);
                    return true;
                },
                taken -> {})) {
            get(ends.opener().openStream("x"));

            assertThat(get(given)).startsWith("app-");
        }
    }

    @Test
    void answersArriveThoughThePoolThatIsSharedTakesNothing() {
        ExecutorService pool = Executors.newCachedThreadPool();
        ConecClient carol = network.client("carol", client -> client.executor(new SharingExecutor(pool)));
        try (Registration answering = network.client("bob").onStream("ask", stream -> stream.send("answer"))) {
            ConecChannel channel = get(carol.open("bob"));
            pool.shutdown();

            List<CompletableFuture<Optional<ConecMessage>>> answers = Stream.generate(
                            () -> channel.request("ask", Map.of(), ConecMessage.of("question")))
                    .limit(20)
                    .toList();

            answers.forEach(
                    answer -> assertThat(get(answer).orElseThrow().text()).isEqualTo("answer"));
        }
    }

    @Test
    void aBrokenExecutorStillCompletesStages() throws Exception {
        try (ConecClient broken = network.client(
                "broken",
                client -> client.executor(task -> {
                    throw new IllegalStateException("a bug of the application's");
                }))) {
            network.client("alice");
            CompletableFuture<ConecStream> accepted = new CompletableFuture<>();
            broken.onStream("s", accepted::complete);
            ConecStream stream = get(get(network.client("alice").open("broken")).openStream("s"));
            CompletableFuture<?> read = get(accepted).receiveAsync();

            get(stream.send("hello"));

            get(read);
        }
    }

    @Test
    void whoWaitsForAChannelDoesNotWaitForTheOthersWhoDo() {
        network.client("bob");
        ConecClient alice = network.client("alice");
        CompletableFuture<ConecChannel> first = alice.open("bob");
        CompletableFuture<ConecChannel> second = alice.open("bob");

        CompletableFuture<Void> both = first.thenAccept(channel -> second.join());
        CompletableFuture<Void> bothAgain = second.thenAccept(channel -> first.join());

        get(both);
        get(bothAgain);
    }

    /** On one thread, which tells one after the other. */
    @Test
    void whoeverHearsOfTheEndHasHeardOfAllBeforeIt() {
        ExecutorService one = Executors.newSingleThreadExecutor();
        try (ConecClient carol = network.client("carol", client -> client.executor(one))) {
            network.client("dave").onStream("s", stream -> {});
            ConecChannel channel = get(carol.open("dave"));
            for (int i = 0; i < 20; i++) {
                ConecStream stream = get(channel.openStream("s"));
                CompletableFuture<Void> sent = stream.send("hello");
                get(stream.finish());
                assertThat(sent).isDone();
            }
        } finally {
            one.shutdown();
        }
    }

    @Test
    void manyThreadsSendWholeMessagesOnOneStream() throws Exception {
        StreamEnds stream = network.channel(ChannelKind.CLIENT_TO_CLIENT).open();
        int senders = 16;
        int each = 200;
        for (int t = 0; t < senders; t++) {
            byte tag = (byte) t;
            executor.execute(() -> {
                for (int i = 0; i < each; i++) {
                    byte[] bytes = new byte[2 + (i * 37) % 5_000];
                    java.util.Arrays.fill(bytes, tag);
                    bytes[1] = (byte) i;
                    stream.opened().send(bytes);
                }
            });
        }
        int[] next = new int[senders];
        for (int n = 0; n < senders * each; n++) {
            byte[] bytes = stream.accepted().receive().orElseThrow().bytes();
            int tag = bytes[0];
            int i = next[tag]++;
            assertThat(bytes).hasSize(2 + (i * 37) % 5_000);
            assertThat(bytes[1]).isEqualTo((byte) i);
            Set<Byte> content = new HashSet<>();
            for (int at = 2; at < bytes.length; at++) {
                content.add(bytes[at]);
            }
            assertThat(content).isSubsetOf(Set.of(bytes[0]));
        }
        assertThat(next).containsOnly(each);
    }

    @Test
    void tellsEveryEventInOrder() {
        ConecClient carol = network.unstartedClient(
                "carol", client -> client.executor(executor).path(PathPolicy.RELAY_ONLY));
        List<String> events = new CopyOnWriteArrayList<>();
        List<String> coordinators = new CopyOnWriteArrayList<>();
        carol.onEvent(event -> events.add(describe(event)));
        Registration failing = carol.onEvent(event -> {
            throw new AssertionError("expected in the log");
        });
        network.coordinator().onEvent(event -> coordinators.add(describe(event)));
        List<String> others = new CopyOnWriteArrayList<>();
        carol.onEvent(event -> others.add(describe(event)));

        get(carol.start());
        ConecChannel toAlice = get(carol.open("alice"));
        Ends ends = new Ends(
                carol,
                toAlice,
                network.client("alice"),
                get(network.client("alice").open("carol")));
        ends.open("greeting", java.util.Map.of());
        failureOf(toAlice.openStream("unwanted"));
        ends.swapped().open("answer", java.util.Map.of());
        failureOf(ends.acceptor().openStream("unasked"));
        eventually(() -> assertThat(events).hasSize(7));
        ends.acceptor().close(ErrorCode.CANCELLED, "enough");
        get(toAlice.closed());
        eventually(() -> assertThat(events).hasSize(8));
        network.coordinator().client("carol").orElseThrow().close(ErrorCode.NOT_ALLOWED, "go away");

        List<String> expected = new ArrayList<>(List.of(
                "opened localhost",
                "connected",
                "opened alice",
                "stream greeting by this side",
                "refused unwanted NO_HANDLER by peer",
                "stream answer by peer",
                "refused unasked NO_HANDLER by this side",
                "closed alice CANCELLED by peer",
                "disconnected NOT_ALLOWED go away",
                "closed localhost NOT_ALLOWED by peer",
                "opened localhost",
                "connected"));
        eventually(() -> assertThat(events).isEqualTo(expected));
        // Each event is told to one listener after the other.
        eventually(() -> assertThat(others).isEqualTo(expected));
        eventually(() -> assertThat(coordinators)
                .containsExactly("opened carol", "closed carol NOT_ALLOWED by this side", "opened carol"));

        failing.close();
        carol.close();
        eventually(() -> assertThat(events).endsWith("closed localhost SHUTTING_DOWN by this side"));
        eventually(() -> assertThat(coordinators).endsWith("closed carol SHUTTING_DOWN by peer"));
        assertThat(events).hasSize(expected.size() + 1);
    }

    @Test
    void aListenerThatHasGoneHearsNothing() {
        List<ConecEvent> events = new CopyOnWriteArrayList<>();
        Registration registration = network.client("alice").onEvent(events::add);
        registration.close();
        registration.close();
        CompletableFuture<ConecEvent> later = new CompletableFuture<>();
        network.client("alice").onEvent(later::complete);
        get(network.client("alice").open("bob"));
        get(later);
        assertThat(events).isEmpty();
    }

    @Test
    void theEarliestHandlerThatPicksAStreamGetsIt() {
        Ends ends = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        CompletableFuture<String> taken = new CompletableFuture<>();
        ConecParty bob = ends.acceptorParty();
        try (Registration other = bob.onStream("other", stream -> taken.complete("other"));
                Registration first = bob.onStream(offer -> offer.name().startsWith("x"), s -> taken.complete("first"));
                Registration second = bob.onStream("x1", stream -> taken.complete("second"))) {
            get(ends.opener().openStream("x1"));
            assertThat(get(taken)).isEqualTo("first");
        }
        assertThat(failureOf(ends.opener().openStream("x1")).code()).isEqualTo(ErrorCode.NO_HANDLER);
    }

    @Test
    void aPredicatesFaultRefusesTheStream() {
        Ends ends = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        try (Registration faulty = ends.acceptorParty()
                .onStream(
                        offer -> {
                            throw new IllegalStateException("expected in the log");
                        },
                        stream -> {})) {
            ConecException refusal = failureOf(ends.opener().openStream("x"));
            assertThat(refusal.code()).isEqualTo(ErrorCode.HANDLER_FAILED);
            assertThat(refusal).hasMessage("the handler failed");
        }
    }

    private static String describe(ConecEvent event) {
        if (event instanceof ConecEvent.Connected) {
            return "connected";
        } else if (event instanceof ConecEvent.Disconnected lost) {
            return "disconnected " + lost.reason().code() + " " + lost.reason().message();
        } else if (event instanceof ConecEvent.ChannelOpened opened) {
            return "opened " + opened.channel().peer();
        } else if (event instanceof ConecEvent.ChannelClosed closed) {
            return "closed " + closed.channel().peer() + " " + closed.reason().code()
                    + side(closed.reason().byPeer());
        } else if (event instanceof ConecEvent.StreamOpened opened) {
            return "stream " + opened.stream().name() + side(opened.byPeer());
        } else if (event instanceof ConecEvent.StreamRefused refused) {
            return "refused " + refused.name() + " " + refused.code() + side(refused.byPeer());
        }
        throw new AssertionError(event);
    }

    private static String side(boolean byPeer) {
        return byPeer ? " by peer" : " by this side";
    }

    /** The name of the thread that completes the stage, which has not been completed yet. */
    private static CompletableFuture<String> thread(CompletableFuture<?> stage) {
        return stage.handle((result, failure) -> Thread.currentThread().getName());
    }

    private static <T> T last(List<T> list) {
        return list.get(list.size() - 1);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
