package io.conec;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.conec.testing.ChannelKind;
import io.conec.testing.Ends;
import io.conec.testing.Network;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request does, whatever channel carries it, and whether it shares a stream or not. */
@ParameterizedClass(name = "{0}")
@EnumSource(ChannelKind.class)
@SuppressWarnings("try") // A registration is closed, not used.
final class RequestTests {
    private static final int MAX_MESSAGE = TransportConfig.DEFAULTS.maxMessageBytes();
    private static final int MAX_STREAMS = 200;

    /** The longest message that shares a stream, and the shortest that does not. */
    private static final int SHARED = 16 * 1024;

    private static Network network;

    private final Ends ends;
    private final String name = Ends.newName();

    RequestTests(ChannelKind kind) {
        ends = network.channel(kind);
    }

    @BeforeAll
    static void start() {
        network = Network.start(transport -> transport.maxStreams(MAX_STREAMS));
    }

    @AfterAll
    static void close() {
        network.close();
    }

    private CompletableFuture<Optional<ConecMessage>> ask(ConecMessage message) {
        return ends.opener().request(name, Map.of("size", "" + message.size()), message);
    }

    private static ConecMessage message(int size) {
        return ConecMessage.of(new byte[size]);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, SHARED, SHARED + 1, 4 * 1024 * 1024})
    void isAnsweredWithTheFirstMessage(int size) {
        List<Object> seen = Collections.synchronizedList(new ArrayList<>());
        try (Registration handling = ends.acceptorParty().onStream(name, stream -> {
            Optional<ConecMessage> request = stream.receive();
            seen.addAll(List.of(stream.name(), stream.headers(), stream.channel(), request, stream.receive()));
            stream.send(request.orElseThrow());
            stream.close();
        })) {
            assertThat(get(ask(message(size)))).contains(message(size));
            assertThat(seen)
                    .containsExactly(
                            name,
                            Map.of("size", "" + size),
                            ends.acceptor(),
                            Optional.of(message(size)),
                            Optional.empty());
        }
        assertThatNothingIsOpen();
    }

    @Test
    void mayBeAnsweredWithNothing() {
        try (Registration closing = ends.acceptorParty().onStream(name, ConecStream::close)) {
            assertThat(get(ask(message(1)))).isEmpty();
        }
        try (Registration finishing = ends.acceptorParty().onStream(name, stream -> {
            CompletableFuture<Void> finished = stream.finish();
            assertThat(stream.finish()).isSameAs(finished);
            get(finished);
            stream.close();
        })) {
            assertThat(get(ask(message(1)))).isEmpty();
        }
        assertThatNothingIsOpen();
    }

    @Test
    void hasAnAnswerAsLargeAsAnyMessage() {
        try (Registration handling = ends.acceptorParty().onStream(name, stream -> {
            assertThat(failureOf(stream.send(message(MAX_MESSAGE + 1))).code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
            stream.send(message(MAX_MESSAGE));
            stream.close();
        })) {
            assertThat(get(ask(message(1)))).contains(message(MAX_MESSAGE));
        }
        assertThatNothingIsOpen();
    }

    @Test
    void isRefused() {
        ConecException nobody = failureOf(ask(message(1)));
        assertThat(nobody.code()).isEqualTo(ErrorCode.NO_HANDLER);
        assertThat(nobody).hasMessageContaining(name);
        try (Registration refusing = ends.acceptorParty()
                .onStream(
                        offer -> {
                            throw new ConecException(
                                    ErrorCode.NOT_ALLOWED,
                                    offer.name() + offer.headers().get("size"));
                        },
                        stream -> {})) {
            ConecException refusal = failureOf(ask(message(1)));
            assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_ALLOWED);
            assertThat(refusal).hasMessage(name + "1");
        }
        assertThatNothingIsOpen();
    }

    @Test
    void isNotSentWithoutANameOrOverALimit() {
        ConecChannel channel = ends.opener();
        assertThat(failureOf(channel.request("", Map.of(), message(1))).code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION);
        assertThat(failureOf(channel.request("x", Map.of("h", "v".repeat(8 * 1024)), message(1)))
                        .code())
                .isEqualTo(ErrorCode.HEADERS_TOO_LARGE);
        assertThat(failureOf(channel.request("x", Map.of(), message(MAX_MESSAGE + 1)))
                        .code())
                .isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        assertThatNothingIsOpen();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, SHARED + 1})
    void failsWithItsHandler(int size) {
        try (Registration failing = ends.acceptorParty().onStream(name, stream -> {
            throw new IllegalStateException("a bug");
        })) {
            assertThat(failureOf(ask(message(size))).code()).isEqualTo(ErrorCode.HANDLER_FAILED);
        }
        try (Registration resetting =
                ends.acceptorParty().onStream(name, stream -> stream.reset(ErrorCode.SHUTTING_DOWN, "not now"))) {
            ConecException failure = failureOf(ask(message(size)));
            assertThat(failure.code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
            assertThat(failure).hasMessageContaining("not now");
        }
        assertThatNothingIsOpen();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, SHARED + 1})
    void tellsTheHandlerThatNobodyWaits(int size) {
        CompletableFuture<ConecStream> handled = new CompletableFuture<>();
        try (Registration handling = ends.acceptorParty().onStream(name, handled::complete)) {
            CompletableFuture<Optional<ConecMessage>> answer = ask(message(size));
            ConecStream stream = get(handled);
            assertThat(ends.acceptor().streams()).contains(stream);

            answer.cancel(false);

            assertThat(get(stream.closed())).isEqualTo(ErrorCode.CANCELLED);
            assertThat(failureOf(stream.send("late")).code()).isEqualTo(ErrorCode.CANCELLED);
        }
        assertThatNothingIsOpen();
    }

    @Test
    void isOverForTheHandlerWhenTheAnswerHasArrived() {
        CompletableFuture<ConecStream> handled = new CompletableFuture<>();
        try (Registration handling = ends.acceptorParty().onStream(name, handled::complete)) {
            CompletableFuture<Optional<ConecMessage>> answer = ask(message(1));
            ConecStream stream = get(handled);

            get(stream.send("first"));
            assertThat(failureOf(stream.send("second")).code()).isEqualTo(ErrorCode.CANCELLED);
            assertThat(get(answer).orElseThrow().text()).isEqualTo("first");
            assertThat(stream.closed()).isNotDone();
            get(stream.finish());

            assertThat(failureOf(stream.send("third")).code()).isEqualTo(ErrorCode.STREAM_CLOSED);
            assertThat(get(stream.closed())).isEqualTo(ErrorCode.NO_ERROR);
        }
        assertThatNothingIsOpen();
    }

    @Test
    void hasItsOwnAnswerAmongMany() {
        int count = 2_000;
        try (Registration handling = ends.acceptorParty().onStream(name, stream -> {
            stream.send(stream.receive().orElseThrow());
            stream.close();
        })) {
            List<CompletableFuture<Optional<ConecMessage>>> answers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                answers.add(ask(ConecMessage.of("request " + i)));
                if (i % (MAX_STREAMS / 2) == 0) {
                    get(answers.get(i));
                    answers.forEach(answer -> get(answer));
                }
            }
            for (int i = 0; i < count; i++) {
                assertThat(get(answers.get(i)).orElseThrow().text()).isEqualTo("request " + i);
            }
        }
        assertThatNothingIsOpen();
    }

    @Test
    void isRefusedWhenAsManyAreUnderWayAsThereMayBe() throws Exception {
        CountDownLatch handled = new CountDownLatch(MAX_STREAMS);
        CountDownLatch answering = new CountDownLatch(1);
        try (Registration handling = ends.acceptorParty().onStream(name, stream -> {
            handled.countDown();
            answering.await();
            stream.send("at last");
            stream.close();
        })) {
            List<CompletableFuture<Optional<ConecMessage>>> answers = new ArrayList<>();
            for (int i = 0; i < MAX_STREAMS; i++) {
                answers.add(ask(message(1)));
            }
            // On several streams one request may overtake another.
            handled.await();
            ConecException refusal = failureOf(ask(message(1)));
            assertThat(refusal.code()).isEqualTo(ErrorCode.STREAM_LIMIT);

            answering.countDown();
            for (CompletableFuture<Optional<ConecMessage>> answer : answers) {
                assertThat(get(answer).orElseThrow().text()).isEqualTo("at last");
            }
            eventually(() -> assertThat(ends.acceptor().streams()).isEmpty());
            assertThat(get(ask(message(1)))).isPresent();
        }
        assertThatNothingIsOpen();
    }

    @Test
    void countsAsAMessageEachWay() {
        try (Registration handling = ends.acceptorParty().onStream(name, stream -> {
            stream.send(message(5));
            stream.close();
        })) {
            ChannelStatistics before = ends.opener().statistics();
            get(ask(message(3)));
            eventually(() -> {
                ChannelStatistics after = ends.opener().statistics();
                assertThat(after.messagesSent() - before.messagesSent()).isEqualTo(1);
                assertThat(after.bytesSent() - before.bytesSent()).isEqualTo(3);
                assertThat(after.messagesReceived() - before.messagesReceived()).isEqualTo(1);
                assertThat(after.bytesReceived() - before.bytesReceived()).isEqualTo(5);
            });
        }
    }

    private void assertThatNothingIsOpen() {
        for (ConecChannel channel : List.of(ends.opener(), ends.acceptor())) {
            eventually(() -> assertThat(channel.streams()).isEmpty());
        }
    }
}
