package io.conec;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.conec.testing.ChannelKind;
import io.conec.testing.Ends;
import io.conec.testing.Network;
import io.conec.testing.StreamEnds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
    private <T> FutureTask<T> inThread(Callable<T> task) {
        FutureTask<T> result = new FutureTask<>(task);
        Thread thread = new Thread(result, "alternating-" + threads.size());
        threads.add(thread);
        thread.start();
        return result;
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
        FutureTask<Long> answering = inThread(() -> echo(stream.accepted()));
        FutureTask<Long> asking = inThread(() -> ask(stream.opened()));

        Thread.sleep(500);
        stop.set(true);

        assertThat(asking.get()).isPositive();
        assertThat(answering.get()).isEqualTo(asking.get());
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
        FutureTask<Long> asking = inThread(() -> ask(stream.opened()));
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
        assertThat(asking.get()).isPositive();
    }

    @Test
    void severalAlternateAtATime() throws Exception {
        Ends channel = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        List<FutureTask<Long>> asking = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            StreamEnds stream = channel.open();
            inThread(() -> echo(stream.accepted()));
            asking.add(inThread(() -> ask(stream.opened())));
        }

        Thread.sleep(500);
        stop.set(true);

        for (FutureTask<Long> each : asking) {
            assertThat(each.get()).isPositive();
        }
    }

    @Test
    void anInterruptIsNoticed() throws Exception {
        StreamEnds stream = network.channel(ChannelKind.CLIENT_TO_CLIENT).open();
        inThread(() -> echo(stream.accepted()));
        FutureTask<Boolean> interrupted = inThread(() -> {
            try {
                ask(stream.opened());
                return false;
            } catch (InterruptedException e) {
                return true;
            }
        });
        Thread.sleep(100);

        threads.get(1).interrupt();

        assertThat(interrupted.get()).isTrue();
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

        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> stream.opened().receive(Duration.ofMillis(50)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT));
    }

    @Test
    void theEndOfTheChannelIsHeard() throws Exception {
        Ends channel = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        StreamEnds stream = channel.open();
        FutureTask<Long> answering = inThread(() -> echo(stream.accepted()));
        FutureTask<Long> asking = inThread(() -> ask(stream.opened()));
        Thread.sleep(100);

        channel.acceptor().close();

        for (FutureTask<Long> each : List.of(answering, asking)) {
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> each.get(10, TimeUnit.SECONDS))
                    .withCauseInstanceOf(ConecException.class);
        }
    }

    @Test
    void whoStopsReceivingIsNotLeftWaiting() throws Exception {
        StreamEnds stream = network.channel(ChannelKind.CLIENT_TO_CLIENT).open();
        inThread(() -> echo(stream.accepted()));
        FutureTask<Long> asking = inThread(() -> ask(stream.opened()));
        Thread.sleep(100);

        stream.opened().stopReceiving(ErrorCode.CANCELLED);

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(() -> asking.get(10, TimeUnit.SECONDS))
                .withCauseInstanceOf(ConecException.class);
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
        Thread.sleep(100);

        List<FutureTask<String>> inherited = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            FutureTask<String> seen = new FutureTask<>(secret::get);
            inherited.add(seen);
            // Each needs a thread of its own, as none returns before all have begun.
            channel.open(handled -> {
                seen.run();
                handled.receive();
            });
        }

        for (FutureTask<String> each : inherited) {
            assertThat(each.get()).isNull();
        }
    }
}
