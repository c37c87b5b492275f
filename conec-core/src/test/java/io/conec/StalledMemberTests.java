package io.conec;

import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.client.ConecClient;
import io.conec.coordinator.HostedGroup;
import io.conec.testing.Network;
import io.conec.testing.UdpForwarder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One member of a hundred that takes nothing costs the others next to nothing. */
final class StalledMemberTests {
    private static final int HEALTHY = 99;
    /** Small enough for any machine, large enough for the stalled member to be at its limit soon. */
    private static final int SIZE = 2_000;

    private static final Logger log = LoggerFactory.getLogger(StalledMemberTests.class);

    private static Network network;
    private static UdpForwarder forwarder;
    private static final List<ConecClient> healthy = new ArrayList<>();
    private static ConecClient stalled;
    private static int rounds;

    @BeforeAll
    static void connect() {
        network = Network.start(transport -> transport.socketBufferBytes(1 << 20));
        forwarder = new UdpForwarder(network.coordinator().localAddress());
        stalled = network.client(
                "stalled",
                builder -> builder.coordinatorPort(forwarder.address().getPort()));
        for (int i = 0; i < HEALTHY; i++) {
            healthy.add(network.client("healthy-" + i));
        }
    }

    @AfterAll
    static void disconnect() {
        network.close();
        forwarder.close();
    }

    static Stream<SlowReceiver> small() {
        return Stream.of(SlowReceiver.dropOldest(20), SlowReceiver.disconnect(20));
    }

    static Stream<SlowReceiver> large() {
        return Stream.of(SlowReceiver.dropOldest(500), SlowReceiver.disconnect(500));
    }

    /** At a steady rate: each message reaches the others when it should. */
    @ParameterizedTest
    @MethodSource("small")
    void theOthersDoNotNotice(SlowReceiver policy) throws Exception {
        int count = 400;
        Duration interval = Duration.ofMillis(10);
        Duration best = Duration.ofDays(1);
        // The machine may be busy with something else now and then.
        for (int i = 0; i < 3 && best.compareTo(interval.multipliedBy(count + count / 10)) > 0; i++) {
            best = shorter(best, round(policy, true, count, interval));
        }

        assertThat(best).isLessThan(interval.multipliedBy(count + count / 10));
    }

    /** As fast as they go, which takes a machine that does nothing else: {@code -Dconec.benchmark=true}. */
    @ParameterizedTest
    @MethodSource("large")
    @EnabledIfSystemProperty(named = "conec.benchmark", matches = "true")
    void costsTheOthersAtMostATenth(SlowReceiver policy) throws Exception {
        int count = 2_000;
        Duration without = Duration.ofDays(1);
        Duration with = Duration.ofDays(1);
        for (int i = 0; i < 3; i++) {
            without = shorter(without, round(policy, false, count, Duration.ZERO));
            with = shorter(with, round(policy, true, count, Duration.ZERO));
        }
        log.info(
                "{}: {} messages of {} bytes to {} members in {} ms, with one stalled in {} ms",
                policy,
                count,
                SIZE,
                HEALTHY,
                without.toMillis(),
                with.toMillis());

        assertThat((double) without.toNanos() / with.toNanos()).isGreaterThan(0.9);
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** How long it takes until all messages have reached the healthy members. */
    private static Duration round(SlowReceiver policy, boolean stalls, int count, Duration interval) throws Exception {
        String name = "round-" + ++rounds;
        GroupOptions options = GroupOptions.receiveOnly().withSlowReceiver(policy);
        Arrivals arrivals = new Arrivals(count, policy.maxMessages());
        List<ConecGroup> members = new ArrayList<>();
        for (ConecClient client : healthy) {
            ConecGroup member = get(client.join(name, options));
            members.add(member);
            member.messages().subscribe(arrivals.counter());
        }
        ConecGroup last = get(stalled.join(name, options));
        if (!stalls) {
            last.messages().subscribe(new Arrivals(count, policy.maxMessages()).counter());
        }
        forwarder.silent(stalls);
        try (ConecGroup sender = get(network.client("sender").join(name, GroupOptions.sendOnly()))) {
            long start = System.nanoTime();
            byte[] message = new byte[SIZE];
            for (int i = 0; i < count; i++) {
                arrivals.awaitRoom(i);
                LockSupport.parkNanos(start + i * interval.toNanos() - System.nanoTime());
                sender.send(message);
            }
            arrivals.awaitAll();
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            HostedGroup group = network.coordinator().hostedGroups().stream()
                    .filter(each -> each.name().equals(name))
                    .findAny()
                    .orElseThrow();
            boolean suffered = group.lost() > 0 || group.receivers() == HEALTHY;
            assertThat(suffered).as("the stalled member was at its limit").isEqualTo(stalls);
            assertThat(members).allMatch(member -> member.isJoined() && member.lostMessages() == 0);
            return took;
        } finally {
            forwarder.silent(false);
            members.forEach(ConecGroup::close);
            last.close();
            await().until(() -> network.coordinator().hostedGroups().isEmpty());
        }
    }

    /** What has reached the healthy members. Keeps the sender from getting ahead of the slowest by as much as may wait for it, so that none of them is ever behind. */
    private static final class Arrivals {
        private static final int AHEAD = 3;

        private final int block;
        private final CountDownLatch[] blocks;

        Arrivals(int count, int limit) {
            block = limit / (AHEAD + 1);
            blocks = new CountDownLatch[count / block];
            Arrays.setAll(blocks, i -> new CountDownLatch(HEALTHY));
        }

        void awaitRoom(int next) throws InterruptedException {
            if (next % block == 0 && next / block >= AHEAD) {
                await(next / block - AHEAD);
            }
        }

        void awaitAll() throws InterruptedException {
            await(blocks.length - 1);
        }

        Flow.Subscriber<GroupMessage> counter() {
            return new Counter(block, blocks);
        }

        private void await(int index) throws InterruptedException {
            assertThat(blocks[index].await(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    /** Counts what a member receives. */
    private static final class Counter implements Flow.Subscriber<GroupMessage> {
        private final int block;
        private final CountDownLatch[] blocks;
        private int received;

        Counter(int block, CountDownLatch[] blocks) {
            this.block = block;
            this.blocks = blocks;
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(GroupMessage message) {
            received++;
            if (received % block == 0) {
                blocks[received / block - 1].countDown();
            }
        }

        @Override
        public void onError(Throwable cause) {
            log.error("A member has failed", cause);
        }

        @Override
        public void onComplete() {}
    }
}
