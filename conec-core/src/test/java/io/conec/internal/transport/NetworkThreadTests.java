package io.conec.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class NetworkThreadTests {
    private final List<NetworkThread> threads = new ArrayList<>();

    @AfterEach
    void end() {
        threads.forEach(NetworkThread::end);
    }

    private NetworkThread shared() {
        NetworkThread thread = NetworkThread.shared(false);
        threads.add(thread);
        return thread;
    }

    private NetworkThread own() {
        NetworkThread thread = NetworkThread.own("own", false);
        threads.add(thread);
        return thread;
    }

    @SuppressWarnings("ReferenceEquality") // The same thread, not a similar one.
    private static boolean areOne(NetworkThread a, NetworkThread b) {
        return a.eventLoop() == b.eventLoop();
    }

    @Test
    void clientsHaveNoMoreThreadsThanThat() {
        for (int i = 0; i < 10 * NetworkThread.MOST; i++) {
            shared();
        }

        List<EventLoop> loops = threads.stream().map(NetworkThread::eventLoop).toList();

        assertThat(loops.stream().distinct()).hasSizeLessThanOrEqualTo(NetworkThread.MOST);
        // Whoever comes gets the least used one, whatever other tests have.
        assertThat(loops.stream().distinct().count()).isGreaterThan(1);
    }

    @Test
    void aCoordinatorSharesWithNobody() {
        NetworkThread own = own();
        for (int i = 0; i < 3 * NetworkThread.MOST; i++) {
            assertThat(shared().eventLoop()).isNotSameAs(own.eventLoop());
        }
        assertThat(own().eventLoop()).isNotSameAs(own.eventLoop());
    }

    @Test
    void endsWithTheLastHold() {
        NetworkThread first = shared();
        List<NetworkThread> sharers = new ArrayList<>();
        while (sharers.stream().noneMatch(each -> areOne(each, first))) {
            sharers.add(shared());
        }
        NetworkThread second = sharers.get(sharers.size() - 1);

        first.end();

        assertThat(first.execute(() -> {})).isFalse();
        CompletableFuture<Void> ran = new CompletableFuture<>();
        assertThat(second.execute(() -> ran.complete(null))).isTrue();
        ran.join();
        first.end();
        assertThat(second.execute(() -> {}))
                .as("ending twice gives up one hold")
                .isTrue();
    }

    @Test
    void anUnsharedThreadIsGoneAfterItsEnd() {
        NetworkThread own = own();
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        own.execute(() -> thread.complete(Thread.currentThread()));
        thread.join();

        own.end();

        assertThat(own.eventLoop().isTerminated()).isTrue();
        await().untilAsserted(() -> assertThat(thread.join().isAlive()).isFalse());
        assertThat(own.execute(() -> {})).isFalse();
    }

    @Test
    void isKnownFromOtherThreads() {
        CompletableFuture<Boolean> there = new CompletableFuture<>();
        shared().execute(() -> there.complete(NetworkThread.isCurrent()));

        assertThat(there.join()).isTrue();
        assertThat(NetworkThread.isCurrent()).isFalse();
    }

    /** What was said to run has run when {@code end} returns, and nothing runs later. */
    @Test
    void runsAllThatItHasTaken() throws InterruptedException {
        NetworkThread thread = shared();
        NetworkThread stays = shared();
        while (!areOne(stays, thread)) {
            stays = shared();
        }
        AtomicInteger taken = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        CountDownLatch underWay = new CountDownLatch(1_000);
        List<Thread> senders = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread sender = new Thread(() -> {
                while (thread.execute(ran::incrementAndGet)) {
                    taken.incrementAndGet();
                    underWay.countDown();
                }
            });
            senders.add(sender);
            sender.start();
        }
        underWay.await();

        thread.end();
        int atTheEnd = ran.get();
        for (Thread sender : senders) {
            sender.join();
        }

        assertThat(atTheEnd).isEqualTo(taken.get());
        CompletableFuture<Integer> later = new CompletableFuture<>();
        stays.execute(() -> later.complete(ran.get()));
        assertThat(later.join()).isEqualTo(atTheEnd);
    }
}
