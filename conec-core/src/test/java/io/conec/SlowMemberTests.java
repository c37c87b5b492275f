package io.conec;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.client.ConecClient;
import io.conec.coordinator.HostedGroup;
import io.conec.testing.Network;
import io.conec.testing.UdpForwarder;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Members that do not keep up: by not reading, or because the network carries nothing to them. */
final class SlowMemberTests {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int SIZE = 10_000;
    private static final AtomicLong lastName = new AtomicLong();

    private static Network network;
    private static UdpForwarder forwarder;

    private final String name = "slow-" + lastName.incrementAndGet();

    @BeforeAll
    static void start() {
        network = Network.start();
        forwarder = new UdpForwarder(network.coordinator().localAddress());
        network.client(
                "far", builder -> builder.coordinatorPort(forwarder.address().getPort()));
    }

    @AfterAll
    static void stop() {
        network.close();
        forwarder.close();
    }

    @Test
    void keepsTheNewestOfAMemberThatDoesNotRead() throws Exception {
        int count = 5_000;
        try (ConecGroup alice = join("alice", GroupOptions.sendOnly());
                ConecGroup bob = join("bob", receiving(SlowReceiver.dropOldest(10)))) {
            CompletableFuture<Void> sent = send(alice, 0, count);
            get(sent);
            eventually(() -> assertThat(bob.lostMessages()).isEqualTo(count - 10));

            assertThat(readUpTo(bob, count)).isEqualTo(10);
            assertThat(bob.lostMessages()).isEqualTo(count - 10);
        }
    }

    @Test
    void countsWhatIsLostForAMemberThatCannotBeReached() throws Exception {
        int count = 4_000;
        try (ConecGroup alice = join("alice", GroupOptions.sendOnly());
                ConecGroup carol = join("carol", receiving(SlowReceiver.block()));
                ConecGroup far = join("far", receiving(SlowReceiver.dropOldest(50)))) {
            forwarder.silent(true);
            send(alice, 0, count);
            assertThat(readUpTo(carol, count)).as("the others lose nothing").isEqualTo(count);
            eventually(() -> assertThat(hosted().lost()).isPositive());
            forwarder.silent(false);
            long lostThere = hosted().lost();

            long read = readUpTo(far, count);
            assertThat(lostThere).isGreaterThan(count / 2);
            assertThat(read + far.lostMessages()).isEqualTo(count);
        } finally {
            forwarder.silent(false);
        }
    }

    @Test
    void endsTheMembershipOfOneThatCannotBeReached() throws Exception {
        int count = 4_000;
        try (ConecGroup alice = join("alice", GroupOptions.sendOnly());
                ConecGroup carol = join("carol", receiving(SlowReceiver.block()));
                ConecGroup far = join("far", receiving(SlowReceiver.disconnect(50)))) {
            forwarder.silent(true);
            send(alice, 0, count);
            assertThat(readUpTo(carol, count)).isEqualTo(count);
            eventually(() -> assertThat(hosted().members()).isEqualTo(2));
            forwarder.silent(false);

            CloseReason reason = get(far.closed());
            assertThat(reason.code()).isEqualTo(ErrorCode.NOT_READING);
            assertThat(reason.byPeer()).isTrue();
            assertThat(network.client("far").status().reconnects()).isZero();
        } finally {
            forwarder.silent(false);
        }
    }

    @Test
    void endsTheMembershipOfOneThatDoesNotRead() throws Exception {
        try (ConecGroup alice = join("alice", GroupOptions.sendOnly());
                ConecGroup bob = join("bob", receiving(SlowReceiver.disconnect(50)))) {
            CompletableFuture<Void> sent = send(alice, 0, 4_000);

            assertThat(get(bob.closed()).code()).isEqualTo(ErrorCode.NOT_READING);
            get(sent);
            // What had arrived may still be read.
            int next = 0;
            ConecException end = null;
            while (end == null) {
                try {
                    assertThat(number(bob.receive(PATIENCE).orElseThrow())).isEqualTo(next++);
                } catch (ConecException e) {
                    end = e;
                }
            }
            assertThat(end.code()).isEqualTo(ErrorCode.NOT_READING);
            assertThat(next).isPositive();
        }
    }

    @Test
    void waitsForAMemberThatBlocks() throws Exception {
        int count = 4_000;
        try (ConecGroup alice = join("alice", GroupOptions.sendOnly());
                ConecGroup bob = join("bob", receiving(SlowReceiver.block(10, Duration.ofMinutes(1))))) {
            CompletableFuture<Void> sent = send(alice, 0, count);
            await().until(() -> hosted().messages() > 0);
            long before = passedOnWhenNothingMoves();
            assertThat(before).as("more than bob and QUIC take").isLessThan(count);
            assertThat(sent).isNotDone();

            assertThat(readUpTo(bob, count)).isEqualTo(count);
            assertThat(bob.lostMessages()).isZero();
            get(sent);
        }
    }

    @Test
    void doesNotWaitForeverForAMemberThatBlocks() throws Exception {
        int count = 4_000;
        try (ConecGroup alice = join("alice", GroupOptions.sendOnly());
                ConecGroup bob = join("bob", receiving(SlowReceiver.block(10, Duration.ofMillis(300))))) {
            CompletableFuture<Void> sent = send(alice, 0, count);

            assertThat(get(bob.closed()).code()).isEqualTo(ErrorCode.NOT_READING);
            get(sent);
            assertThat(alice.isJoined()).isTrue();
        }
    }

    @Test
    void theCoordinatorItselfIsWaitedForToo() throws Exception {
        int count = 4_000;
        try (ConecGroup alice = join("alice", GroupOptions.sendOnly());
                ConecGroup coordinator = get(
                        network.coordinator().join(name, receiving(SlowReceiver.block(10, Duration.ofMinutes(1)))))) {
            CompletableFuture<Void> sent = send(alice, 0, count);
            await().until(() -> hosted().messages() > 0);
            assertThat(passedOnWhenNothingMoves()).isLessThan(count);

            assertThat(readUpTo(coordinator, count)).isEqualTo(count);
            get(sent);
        }
    }

    @Test
    void theCoordinatorsSendsWait() throws Exception {
        int count = 4_000;
        try (ConecGroup coordinator = get(network.coordinator().join(name, GroupOptions.sendOnly()));
                ConecGroup bob = join("bob", receiving(SlowReceiver.block(10, Duration.ofMinutes(1))))) {
            CompletableFuture<Void> sent = send(coordinator, 0, count);
            await().until(() -> hosted().messages() > 0);
            assertThat(passedOnWhenNothingMoves()).isLessThan(count);
            assertThat(sent).isNotDone();

            assertThat(readUpTo(bob, count)).isEqualTo(count);
            get(sent);
        }
    }

    @Test
    void theCoordinatorMayLoseTheOldestAndBeDisconnected() throws Exception {
        int count = 4_000;
        try (ConecGroup alice = join("alice", GroupOptions.sendOnly());
                ConecGroup dropping = get(network.coordinator().join(name, receiving(SlowReceiver.dropOldest(10))));
                ConecGroup disconnected =
                        get(network.coordinator().join(name, receiving(SlowReceiver.disconnect(10))))) {
            get(send(alice, 0, count));
            assertThat(get(disconnected.closed()).code()).isEqualTo(ErrorCode.NOT_READING);
            assertThat(disconnected.isJoined()).isFalse();

            assertThat(readUpTo(dropping, count) + dropping.lostMessages()).isEqualTo(count);
        }
    }

    @Test
    void aMessageThatAMemberDoesNotTakeHurtsNobody() throws Exception {
        int small = 1_000;
        try (ConecClient modest = network.client(
                        "modest",
                        builder -> builder.transport(
                                TransportConfig.builder().maxMessageBytes(small).build()));
                ConecGroup modestGroup = get(modest.join(name));
                ConecGroup alice = join("alice", GroupOptions.DEFAULTS);
                ConecGroup bob = join("bob", GroupOptions.DEFAULTS)) {
            get(alice.send(new byte[small]));
            get(alice.send(new byte[small + 1]));
            get(alice.send(new byte[TransportConfig.DEFAULTS.maxMessageBytes()]));
            get(alice.send("done"));
            get(alice.send(new byte[small + 1]));

            assertThat(modestGroup.receive(PATIENCE).orElseThrow().message().size())
                    .isEqualTo(small);
            GroupMessage done = modestGroup.receive(PATIENCE).orElseThrow();
            assertThat(done.message().text()).isEqualTo("done");
            assertThat(done.message().lostBefore()).isEqualTo(2);
            eventually(() -> assertThat(modestGroup.lostMessages()).isEqualTo(3));
            for (int i = 0; i < 5; i++) {
                assertThat(bob.receive(PATIENCE).orElseThrow().message().lostBefore())
                        .isZero();
            }
            assertThat(failureOf(modestGroup.send(new byte[small + 1])).code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
            get(modestGroup.send("still here"));
            assertThat(bob.receive(PATIENCE).orElseThrow().message().text()).isEqualTo("still here");
        }
    }

    @Test
    void aMessageThatTheCoordinatorDoesNotTakeIsNotSent() {
        int small = 1_000;
        try (Network strict = Network.start(transport -> transport.maxMessageBytes(small));
                ConecClient alice = strict.client("alice", builder -> builder.transport(TransportConfig.DEFAULTS))) {
            ConecGroup group = get(alice.join(name));

            assertThat(failureOf(group.send(new byte[small + 1])).code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
            get(group.send(new byte[small]));
            assertThat(group.isJoined()).isTrue();
        }
    }

    private ConecGroup join(String client, GroupOptions options) {
        return get(network.client(client).join(name, options));
    }

    private static GroupOptions receiving(SlowReceiver slowReceiver) {
        return GroupOptions.receiveOnly().withSlowReceiver(slowReceiver);
    }

    private HostedGroup hosted() {
        return network.coordinator().hostedGroups().stream()
                .filter(group -> group.name().equals(name))
                .findAny()
                .orElseThrow();
    }

    /** How many messages have been passed on, once that stays the same for a while. */
    private long passedOnWhenNothingMoves() {
        AtomicLong last = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(300)).until(() -> {
            long now = hosted().messages();
            return last.getAndSet(now) == now;
        });
        return last.get();
    }

    /** Sends numbered messages from another thread; completes when all are passed on. */
    private static CompletableFuture<Void> send(ConecGroup to, int from, int count) {
        return CompletableFuture.supplyAsync(() -> {
                    List<CompletableFuture<Void>> sent = new ArrayList<>();
                    for (int i = from; i < from + count; i++) {
                        sent.add(to.send(ByteBuffer.allocate(SIZE).putInt(i).array()));
                    }
                    return CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new));
                })
                .thenCompose(all -> all);
    }

    /** Reads until the last of so many messages; each has to follow those before it and those that it says were lost. Returns how many were read. */
    private static long readUpTo(ConecGroup from, int count) throws InterruptedException {
        long next = 0;
        long read = 0;
        while (next < count) {
            GroupMessage message = from.receive(PATIENCE).orElseThrow();
            assertThat(number(message)).isEqualTo(next + message.message().lostBefore());
            next = number(message) + 1;
            read++;
        }
        return read;
    }

    private static long number(GroupMessage message) {
        assertThat(message.message().size()).isEqualTo(SIZE);
        return ByteBuffer.wrap(message.message().bytes()).getInt();
    }
}
