package io.conec;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.conec.testing.ChannelKind;
import io.conec.testing.Ends;
import io.conec.testing.Network;
import io.conec.testing.StreamEnds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two sides that answer each other, and so run their event loops themselves. */
final class AlternatingTests {
    private static final String RUNNING_THE_LOOP = "runUntil";

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong answers = new AtomicLong();
    private Network network;

    @BeforeEach
    void start() {
        network = Network.start();
    }

    @AfterEach
    void close() throws InterruptedException {
        stop.set(true);
        network.close();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** In a platform thread. */
    private <T> CompletableFuture<T> inThread(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        result.complete(task.call());
                    } catch (Exception | AssertionError e) {
                        result.completeExceptionally(e);
                    }
                },
                "alternating-" + threads.size());
        threads.add(thread);
        thread.start();
        return result;
    }

    /** Long enough for both sides to run their event loops. */
    private void alternate() {
        long before = answers.get();
        eventually(() -> assertThat(answers.get()).isGreaterThan(before + 500));
    }

    private static long echo(ConecStream stream) throws InterruptedException {
        long count = 0;
        for (var message = stream.receive(); message.isPresent(); message = stream.receive()) {
            stream.send(message.get());
            count++;
        }
        stream.finish();
        return count;
    }

    /** Until told to stop; each message with a number of its own. */
    private long ask(ConecStream stream) throws InterruptedException {
        long asked = 0;
        while (!stop.get()) {
            String question = "question " + asked++;
            stream.send(question);
            assertThat(stream.receive().orElseThrow().text()).isEqualTo(question);
            answers.incrementAndGet();
        }
        stream.finish();
        assertThat(stream.receive()).isEmpty();
        return asked;
    }

    private boolean runsTheLoop(Thread thread) {
        return Stream.of(thread.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals(RUNNING_THE_LOOP));
    }

    @ParameterizedTest
    @EnumSource(ChannelKind.class)
    void everyMessageComesAndInOrder(ChannelKind kind) throws Exception {
        StreamEnds stream = network.channel(kind).open();
        CompletableFuture<Long> answering = inThread(() -> echo(stream.accepted()));
        CompletableFuture<Long> asking = inThread(() -> ask(stream.opened()));

        alternate();
        stop.set(true);

        assertThat(get(asking)).isPositive();
        assertThat(get(answering)).isEqualTo(get(asking));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void bothRunTheirEventLoopThemselves() throws Exception {
        StreamEnds stream = network.channel(ChannelKind.CLIENT_TO_CLIENT).open();
        inThread(() -> echo(stream.accepted()));
        inThread(() -> ask(stream.opened()));

        for (Thread thread : threads) {
            eventually(() -> assertThat(runsTheLoop(thread)).isTrue());
        }
    }

    @Test
    void othersGoOn() throws Exception {
        Ends channel = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        StreamEnds stream = channel.open();
        inThread(() -> echo(stream.accepted()));
        CompletableFuture<Long> asking = inThread(() -> ask(stream.opened()));
        StreamEnds other = channel.open();
        byte[] block = new byte[10_000];

        for (int i = 0; i < 500; i++) {
            get(other.opened().send(block));
            assertThat(other.accepted().receive().orElseThrow().size()).isEqualTo(block.length);
        }
        for (int i = 0; i < 50; i++) {
            StreamEnds further = channel.open();
            get(further.opened().send("a"));
            assertThat(further.accepted().receive().orElseThrow().text()).isEqualTo("a");
            further.opened().close();
            further.accepted().close();
        }

        stop.set(true);
        assertThat(get(asking)).isPositive();
    }

    @Test
    void severalAlternateAtATime() throws Exception {
        Ends channel = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        List<CompletableFuture<Long>> asking = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            StreamEnds stream = channel.open();
            inThread(() -> echo(stream.accepted()));
            asking.add(inThread(() -> ask(stream.opened())));
        }

        alternate();
        stop.set(true);

        for (CompletableFuture<Long> each : asking) {
            assertThat(get(each)).isPositive();
        }
    }

    @Test
    void anInterruptIsNoticed() throws Exception {
        StreamEnds stream = network.channel(ChannelKind.CLIENT_TO_CLIENT).open();
        inThread(() -> echo(stream.accepted()));
        CompletableFuture<Boolean> interrupted = inThread(() -> {
            try {
                ask(stream.opened());
                return false;
            } catch (InterruptedException e) {
                return true;
            }
        });
        alternate();

        threads.get(1).interrupt();

        assertThat(get(interrupted)).isTrue();
        get(stream.opened().send("it stays usable"));
    }

    @Test
    void aTimeLimitIsKept() throws Exception {
        StreamEnds stream = network.channel(ChannelKind.CLIENT_TO_CLIENT).open();
        inThread(() -> echo(stream.accepted()));
        for (int i = 0; i < 500; i++) {
            stream.opened().send("a");
            assertThat(stream.opened().receive(Duration.ofSeconds(10))).isPresent();
        }

        assertThat(failureOf(() -> stream.opened().receive(Duration.ofMillis(50)))
                        .code())
                .isEqualTo(ErrorCode.TIMEOUT);
    }

    @Test
    void theEndOfTheChannelIsHeard() throws Exception {
        Ends channel = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        StreamEnds stream = channel.open();
        CompletableFuture<Long> answering = inThread(() -> echo(stream.accepted()));
        CompletableFuture<Long> asking = inThread(() -> ask(stream.opened()));
        alternate();

        channel.acceptor().close();

        failureOf(answering);
        failureOf(asking);
    }

    @Test
    void whoStopsReceivingIsNotLeftWaiting() throws Exception {
        StreamEnds stream = network.channel(ChannelKind.CLIENT_TO_CLIENT).open();
        inThread(() -> echo(stream.accepted()));
        CompletableFuture<Long> asking = inThread(() -> ask(stream.opened()));
        alternate();

        stream.opened().stopReceiving(ErrorCode.CANCELLED);

        assertThat(failureOf(asking).code()).isEqualTo(ErrorCode.CANCELLED);
    }

    /** An executor may pass on what belongs to the thread that asks it. */
    @Test
    void handlersInheritNothingFromAReader() throws Exception {
        InheritableThreadLocal<String> secret = new InheritableThreadLocal<>();
        Ends channel = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        StreamEnds stream = channel.open();
        inThread(() -> {
            secret.set("the reader's");
            return echo(stream.accepted());
        });
        inThread(() -> ask(stream.opened()));
        alternate();

        List<CompletableFuture<Boolean>> inherited = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            CompletableFuture<Boolean> seen = new CompletableFuture<>();
            inherited.add(seen);
            // Each needs a thread of its own, as none returns before all have begun.
            channel.open(handled -> {
                seen.complete(secret.get() != null);
                handled.receive();
            });
        }

        for (CompletableFuture<Boolean> each : inherited) {
            assertThat(get(each)).isFalse();
        }
    }
}
