package io.conec;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conec.testing.ChannelKind;
import io.conec.testing.Ends;
import io.conec.testing.Network;
import io.conec.testing.Recorder;
import io.conec.testing.StreamEnds;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ways of reading a stream. */
final class ReceiveTests {
    private static final Duration SHORT = Duration.ofMillis(20);

    private static Network network;
    private StreamEnds stream;
    private ConecStream sender;
    private ConecStream reader;

    @BeforeAll
    static void start() {
        network = Network.start();
    }

    @AfterAll
    static void close() {
        network.close();
    }

    @BeforeEach
    void open() {
        stream = network.channel(ChannelKind.CLIENT_TO_COORDINATOR).open();
        sender = stream.opened();
        reader = stream.accepted();
    }

    @AfterEach
    void reset() {
        stream.opened().reset(ErrorCode.CANCELLED);
    }

    @Test
    void givesUpAfterTheTimeLimitAndStaysUsable() throws Exception {
        assertThat(failureOf(() -> reader.receive(SHORT)).code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(failureOf(() -> reader.receive(Duration.ZERO)).code()).isEqualTo(ErrorCode.TIMEOUT);

        get(sender.send("late"));

        assertThat(reader.receive(Duration.ofSeconds(10)).orElseThrow().text()).isEqualTo("late");
    }

    @Test
    void givesWhatIsThereToAnAsynchronousRead() throws Exception {
        CompletableFuture<Optional<ConecMessage>> waiting = reader.receiveAsync();
        sender.send("first");
        sender.send("second");
        sender.finish();

        assertThat(get(waiting).orElseThrow().text()).isEqualTo("first");
        assertThat(get(reader.receiveAsync()).orElseThrow().text()).isEqualTo("second");
        assertThat(get(reader.receiveAsync())).isEmpty();
    }

    @Test
    void aCancelledReadLosesNothing() throws Exception {
        CompletableFuture<Optional<ConecMessage>> cancelled = reader.receiveAsync();
        assertThat(cancelled.cancel(false)).isTrue();
        CompletableFuture<Optional<ConecMessage>> timedOut =
                reader.receiveAsync().orTimeout(1, TimeUnit.MILLISECONDS);
        assertThatThrownBy(timedOut::join).hasCauseInstanceOf(java.util.concurrent.TimeoutException.class);

        sender.send("kept");

        assertThat(reader.receive().orElseThrow().text()).isEqualTo("kept");
    }

    @Test
    void losesAndReordersNothingWhenCancelledAtTheMomentOfArrival() throws Exception {
        int count = 2_000;
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < count; i++) {
                sender.send("" + i);
            }
            sender.finish();
        });
        List<String> texts = new ArrayList<>();
        while (true) {
            CompletableFuture<Optional<ConecMessage>> read = reader.receiveAsync();
            if (read.cancel(false)) {
                read = reader.receiveAsync();
            }
            Optional<ConecMessage> message = get(read);
            if (message.isEmpty()) {
                break;
            }
            texts.add(message.get().text());
        }
        get(sending);
        assertThat(texts)
                .isEqualTo(IntStream.range(0, count).mapToObj(i -> "" + i).toList());
    }

    @Test
    void hasOneReaderAtATime() throws Exception {
        CompletableFuture<Optional<ConecMessage>> waiting = reader.receiveAsync();
        Recorder refused = new Recorder();

        assertThatIllegalStateException().isThrownBy(reader::receive).withMessageContaining("one reader");
        assertThatIllegalStateException().isThrownBy(() -> reader.receive(SHORT));
        assertThatIllegalStateException().isThrownBy(reader::receiveAsync);
        reader.messages().subscribe(refused);
        assertThatThrownBy(() -> get(refused.ended())).isInstanceOf(IllegalStateException.class);
        assertThat(refused.violations()).isEmpty();

        get(sender.send("for the first"));
        assertThat(get(waiting).orElseThrow().text()).isEqualTo("for the first");
        reader.messages().subscribe(new Recorder());
        assertThatIllegalStateException().isThrownBy(reader::receive);
    }

    @Test
    void anInterruptedReaderLosesNothing() throws Exception {
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                reader.receive();
                interrupted.complete(false);
            } catch (InterruptedException e) {
                interrupted.complete(true);
            }
        });
        thread.start();
        eventually(() -> assertThat(thread.getState()).isEqualTo(Thread.State.WAITING));
        thread.interrupt();
        assertThat(get(interrupted)).isTrue();

        get(sender.send("kept"));

        assertThat(reader.receive().orElseThrow().text()).isEqualTo("kept");
    }

    @Test
    void publishesAsMuchAsIsAskedFor() {
        Recorder recorder = new Recorder();
        reader.messages().subscribe(recorder);
        recorder.request(2);
        for (int i = 0; i < 6; i++) {
            get(sender.send("" + i));
        }
        eventually(() -> assertThat(recorder.texts()).containsExactly("0", "1"));
        recorder.request(1);
        eventually(() -> assertThat(recorder.texts()).containsExactly("0", "1", "2"));
        get(sender.finish());
        assertThat(recorder.ended()).isNotDone();
        recorder.request(Long.MAX_VALUE);
        recorder.request(Long.MAX_VALUE);

        get(recorder.ended());
        assertThat(recorder.texts()).containsExactly("0", "1", "2", "3", "4", "5");
        assertThat(recorder.violations()).containsOnly("more than was asked for");
    }

    @Test
    void publishesTheEndWithoutDemand() {
        Recorder recorder = new Recorder();
        reader.messages().subscribe(recorder);
        sender.finish();
        get(recorder.ended());
        assertThat(recorder.violations()).isEmpty();
    }

    @Test
    void publishesWhatTheStreamFailedWith() {
        Recorder recorder = new Recorder();
        reader.messages().subscribe(recorder);
        sender.reset(ErrorCode.HANDLER_FAILED);
        assertThat(failureOf(recorder.ended()).code()).isEqualTo(ErrorCode.HANDLER_FAILED);
        assertThat(recorder.violations()).isEmpty();
    }

    @Test
    void cancellingTheSubscriptionStopsTheSender() {
        Recorder recorder = new Recorder();
        reader.messages().subscribe(recorder);
        recorder.request(1);
        get(sender.send("one"));
        eventually(() -> assertThat(recorder.texts()).containsExactly("one"));

        recorder.cancel();

        eventually(() -> assertThat(failureOf(sender.send("more")).code()).isEqualTo(ErrorCode.CANCELLED));
        assertThat(recorder.texts()).containsExactly("one");
        assertThat(recorder.ended()).isNotDone();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE})
    void refusesToBeAskedForLessThanOne(long demand) {
        Recorder recorder = new Recorder();
        reader.messages().subscribe(recorder);

        recorder.request(demand);

        assertThatThrownBy(() -> get(recorder.ended())).isInstanceOf(IllegalArgumentException.class);
        eventually(() -> assertThat(failureOf(sender.send("more")).code()).isEqualTo(ErrorCode.CANCELLED));
        assertThat(recorder.violations()).isEmpty();
    }

    /** Reactive Streams, rule 1.9. */
    @Test
    void isNotReadByASubscriberThatIsNone() throws Exception {
        assertThatNullPointerException().isThrownBy(() -> reader.messages().subscribe(null));

        sender.send("one");
        assertThat(reader.receive().orElseThrow().text()).isEqualTo("one");
    }

    @Test
    void waitsForEverIfToldTo() throws Exception {
        sender.send("one");

        assertThat(reader.receive(ChronoUnit.FOREVER.getDuration())
                        .orElseThrow()
                        .text())
                .isEqualTo("one");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSubscriberThatThrowsHasCancelled(boolean error) {
        reader.messages().subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(10);
            }

            @Override
            public void onNext(ConecMessage message) {
                if (error) {
                    throw new AssertionError("expected in the log");
                }
                throw new IllegalStateException("expected in the log");
            }

            @Override
            public void onError(Throwable cause) {}

            @Override
            public void onComplete() {}
        });
        sender.send("one");
        eventually(() -> assertThat(failureOf(sender.send("more")).code()).isEqualTo(ErrorCode.CANCELLED));
    }

    @Test
    void aSubscriberMayAskFromWithinAndReadAll() {
        List<String> texts = new ArrayList<>();
        CompletableFuture<Void> completed = new CompletableFuture<>();
        reader.messages().subscribe(new Flow.Subscriber<>() {
            private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

            @Override
            public void onSubscribe(Flow.Subscription given) {
                subscription.complete(given);
                given.request(1);
            }

            @Override
            public void onNext(ConecMessage message) {
                texts.add(message.text());
                get(subscription).request(1);
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
        int count = 5_000;
        for (int i = 0; i < count; i++) {
            sender.send("" + i);
        }
        sender.finish();
        get(completed);
        assertThat(texts)
                .isEqualTo(IntStream.range(0, count).mapToObj(i -> "" + i).toList());
    }

    @Test
    void dropsTheOldestAndCountsThem() throws Exception {
        assertThatIllegalArgumentException().isThrownBy(() -> reader.dropOldest(0));
        reader.dropOldest(10);
        for (int i = 0; i < 25; i++) {
            get(sender.send("" + i));
        }
        get(sender.finish());
        eventually(() -> assertThat(reader.lostMessages()).isEqualTo(15));

        ConecMessage first = reader.receive().orElseThrow();
        assertThat(first.text()).isEqualTo("15");
        assertThat(first.lostBefore()).isEqualTo(15);
        for (int i = 16; i < 25; i++) {
            ConecMessage next = reader.receive().orElseThrow();
            assertThat(next.text()).isEqualTo("" + i);
            assertThat(next.lostBefore()).isZero();
        }
        assertThat(reader.receive()).isEmpty();
    }

    @Test
    void countsEveryLossExactlyWhileReadingAndCancelling() throws Exception {
        int count = 20_000;
        reader.dropOldest(3);
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < count; i++) {
                sender.send("" + i);
            }
            sender.finish();
        });
        long expected = 0;
        while (true) {
            CompletableFuture<Optional<ConecMessage>> read = reader.receiveAsync();
            Optional<ConecMessage> message = read.cancel(false) ? reader.receive() : get(read);
            if (message.isEmpty()) {
                break;
            }
            expected += message.get().lostBefore();
            assertThat(message.get().text()).isEqualTo("" + expected);
            expected++;
        }
        assertThat(expected).isEqualTo(count);
        get(sending);
    }

    @Test
    void startsToDropWhenItIsToldToWhileTheSenderIsHeldBack() throws Exception {
        int count = 200;
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < count; i++) {
                sender.send(new byte[64 * 1024]);
            }
            get(sender.finish());
        });
        eventually(() -> assertThat(
                        network.coordinator().channels().get(0).statistics().messagesReceived())
                .isPositive());

        reader.dropOldest(5);

        get(sending);
        eventually(() -> assertThat(reader.lostMessages()).isEqualTo(count - 5));
        assertThat(reader.receive().orElseThrow().lostBefore()).isEqualTo(count - 5);
    }

    @Test
    void readsWhatArrivedBeforeTheChannelEnded() throws Exception {
        try (Network other = Network.start()) {
            Ends ends = other.channel(ChannelKind.CLIENT_TO_CLIENT);
            StreamEnds ending = ends.open();
            for (int i = 0; i < 10; i++) {
                get(ending.opened().send("" + i));
            }
            eventually(() ->
                    assertThat(ends.acceptor().statistics().messagesReceived()).isEqualTo(10));

            ends.opener().close(ErrorCode.CANCELLED, "enough");

            assertThat(get(ending.accepted().closed())).isEqualTo(ErrorCode.CANCELLED);
            for (int i = 0; i < 10; i++) {
                assertThat(ending.accepted().receive().orElseThrow().text()).isEqualTo("" + i);
            }
            ConecException failure = failureOf(ending.accepted()::receive);
            assertThat(failure.code()).isEqualTo(ErrorCode.CANCELLED);
            assertThat(failure).hasMessageContaining("enough");
        }
    }
}
