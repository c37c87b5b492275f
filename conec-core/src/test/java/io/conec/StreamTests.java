package io.conec;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.conec.testing.ChannelKind;
import io.conec.testing.Ends;
import io.conec.testing.Network;
import io.conec.testing.StreamEnds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every stream does, whatever channel carries it. */
@ParameterizedClass(name = "{0}, native transport: {1}")
@MethodSource("channels")
@SuppressWarnings("try") // A registration is closed, not used.
final class StreamTests {
    private static final int MAX_MESSAGE = TransportConfig.DEFAULTS.maxMessageBytes();
    private static final Map<Boolean, Network> networks = new HashMap<>();

    private final Ends ends;

    StreamTests(ChannelKind kind, boolean nativeTransport) {
        Network network = networks.computeIfAbsent(
                nativeTransport, value -> Network.start(transport -> transport.nativeTransport(value)));
        ends = network.channel(kind);
    }

    static Stream<Arguments> channels() {
        return Arrays.stream(ChannelKind.values())
                .flatMap(kind -> Stream.of(Arguments.of(kind, true), Arguments.of(kind, false)));
    }

    @AfterAll
    static void close() {
        networks.values().forEach(Network::close);
        networks.clear();
    }

    @Test
    void tellsTheOtherSideNameAndHeaders() {
        String name = Ends.newName() + " äöü";
        Map<String, String> headers = Map.of("file", "a b.txt", "empty", "", "größe", "12");

        StreamEnds stream = ends.open(name, headers);

        for (ConecStream each : List.of(stream.opened(), stream.accepted())) {
            assertThat(each.name()).isEqualTo(name);
            assertThat(each.headers()).isEqualTo(headers).isUnmodifiable();
        }
        assertThat(stream.opened().channel()).isSameAs(ends.opener());
        assertThat(stream.accepted().channel()).isSameAs(ends.acceptor());
        assertThat(stream.accepted().id()).isEqualTo(stream.opened().id());
        closeBoth(stream);
    }

    @Test
    void isRefusedWithoutAHandler() {
        ConecException refusal = failureOf(ends.opener().openStream("nobody's"));

        assertThat(refusal.code()).isEqualTo(ErrorCode.NO_HANDLER);
        assertThat(refusal).hasMessageContaining("nobody's");
        assertThatNoStreamIsOpen();
    }

    @Test
    void isRefusedWithWhatAPredicateThrows() {
        try (Registration refusing = ends.acceptorParty()
                .onStream(
                        offer -> {
                            throw new ConecException(
                                    ErrorCode.NOT_ALLOWED,
                                    offer.name() + " not for " + offer.channel().peer());
                        },
                        stream -> {})) {
            ConecException refusal = failureOf(ends.opener().openStream("secret"));

            assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_ALLOWED);
            assertThat(refusal).hasMessage("secret not for " + ends.acceptor().peer());
        }
        assertThatNoStreamIsOpen();
    }

    @Test
    void needsANameAndShortHeaders() {
        assertThat(failureOf(ends.opener().openStream("")).code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION);
        assertThat(failureOf(ends.opener().openStream("x", Map.of("h", "v".repeat(8 * 1024))))
                        .code())
                .isEqualTo(ErrorCode.HEADERS_TOO_LARGE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 126, 127, 16_383, 65_536, 4 * 1024 * 1024})
    void carriesMessagesOfEachSizeBothWays(int size) throws Exception {
        StreamEnds stream = ends.open();
        for (StreamEnds way : List.of(stream, stream.swapped())) {
            ConecMessage message = message(size, size);

            CompletableFuture<Void> sent = way.opened().send(message);

            assertThat(way.accepted().receive()).contains(message);
            get(sent);
        }
        closeBoth(stream);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16_383, 65_536, 4 * 1024 * 1024})
    void opensWithTheOnlyMessage(int size) throws Exception {
        ConecMessage message = message(size, size);
        String name = Ends.newName();
        CompletableFuture<List<ConecMessage>> received = new CompletableFuture<>();
        try (Registration handling = ends.acceptorParty().onStream(name, stream -> {
            List<ConecMessage> all = new ArrayList<>();
            for (Optional<ConecMessage> next = stream.receive(); next.isPresent(); next = stream.receive()) {
                all.add(next.get());
            }
            received.complete(all);
            stream.send("answer");
            stream.close();
        })) {
            ConecStream opened = get(ends.opener().openStreamWith(name, Map.of("size", "" + size), message));

            assertThat(get(received)).containsExactly(message);
            assertThat(failureOf(opened.send("more")).code()).isEqualTo(ErrorCode.STREAM_CLOSED);
            assertThat(opened.receive().orElseThrow().text()).isEqualTo("answer");
            assertThat(opened.receive()).isEmpty();
            get(opened.finish());
            assertThat(get(opened.closed())).isEqualTo(ErrorCode.NO_ERROR);
        }
        assertThatNoStreamIsOpen();
    }

    @Test
    void isRefusedWithTheOnlyMessage() {
        ConecMessage message = message(100_000, 1);

        ConecException refusal = failureOf(ends.opener().openStreamWith("nobody's", Map.of(), message));

        assertThat(refusal.code()).isEqualTo(ErrorCode.NO_HANDLER);
        assertThatNoStreamIsOpen();
    }

    @Test
    void doesNotOpenWithAMessageOverTheLimit() {
        ConecMessage message = message(MAX_MESSAGE + 1, 1);

        ConecException failure = failureOf(ends.opener().openStreamWith(Ends.newName(), Map.of(), message));

        assertThat(failure.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        assertThat(failure).hasMessageContaining("" + (MAX_MESSAGE + 1)).hasMessageContaining("" + MAX_MESSAGE);
        assertThatNoStreamIsOpen();
    }

    @Test
    void refusesToSendWhatIsOverTheLimitAndStaysUsable() throws Exception {
        StreamEnds stream = ends.open();

        ConecException failure = failureOf(stream.opened().send(new byte[MAX_MESSAGE + 1]));

        assertThat(failure.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        assertThat(failure).hasMessageContaining("" + (MAX_MESSAGE + 1)).hasMessageContaining("" + MAX_MESSAGE);
        get(stream.opened().send("small"));
        assertThat(stream.accepted().receive().orElseThrow().text()).isEqualTo("small");
        closeBoth(stream);
    }

    @Test
    void keepsTheOrderBothWaysAtOnce() throws Exception {
        StreamEnds stream = ends.open();
        int count = 2_000;
        List<CompletableFuture<Void>> sends = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sends.add(stream.opened().send(message(i % 700, i)));
            sends.add(stream.accepted().send(message(i % 300, -i)));
        }
        for (int i = 0; i < count; i++) {
            assertThat(stream.accepted().receive()).contains(message(i % 700, i));
            assertThat(stream.opened().receive()).contains(message(i % 300, -i));
        }
        sends.forEach(send -> get(send));
        closeBoth(stream);
    }

    @Test
    void goesOnInOneDirectionWhenTheOtherIsFinished() throws Exception {
        for (StreamEnds way : List.of(ends.open(), ends.open().swapped())) {
            get(way.opened().send("last words"));
            CompletableFuture<Void> finished = way.opened().finish();
            get(finished);

            assertThat(way.opened().finish()).isSameAs(finished);
            assertThat(failureOf(way.opened().send("more")).code()).isEqualTo(ErrorCode.STREAM_CLOSED);
            assertThat(way.accepted().receive().orElseThrow().text()).isEqualTo("last words");
            assertThat(way.accepted().receive()).isEmpty();
            assertThat(way.accepted().receive()).as("read again").isEmpty();

            get(way.accepted().send("answer"));
            assertThat(way.opened().receive().orElseThrow().text()).isEqualTo("answer");
            assertThat(way.opened().closed()).isNotDone();
            get(way.accepted().finish());
            assertThat(way.opened().receive()).isEmpty();
            assertClosed(way, ErrorCode.NO_ERROR);
        }
    }

    @Test
    void isResetByEachSide() {
        for (boolean byOpener : new boolean[] {true, false}) {
            StreamEnds stream = ends.open();
            StreamEnds way = byOpener ? stream : stream.swapped();
            CompletableFuture<?> ownRead = way.opened().receiveAsync();
            CompletableFuture<?> othersRead = way.accepted().receiveAsync();

            way.opened().reset(ErrorCode.HANDLER_FAILED);

            assertThat(failureOf(ownRead).code()).isEqualTo(ErrorCode.HANDLER_FAILED);
            assertThat(failureOf(othersRead).code()).isEqualTo(ErrorCode.HANDLER_FAILED);
            assertClosed(way, ErrorCode.HANDLER_FAILED);
            for (ConecStream each : List.of(way.opened(), way.accepted())) {
                assertThat(failureOf(each.send("late")).code()).isEqualTo(ErrorCode.HANDLER_FAILED);
                assertThat(failureOf(each.finish()).code()).isEqualTo(ErrorCode.HANDLER_FAILED);
                assertThat(failureOf(each::receive).code()).isEqualTo(ErrorCode.HANDLER_FAILED);
                each.reset(ErrorCode.CANCELLED);
                each.close();
                assertThat(get(each.closed())).isEqualTo(ErrorCode.HANDLER_FAILED);
            }
        }
    }

    @Test
    void aResetSaysWhy() {
        StreamEnds stream = ends.open();

        stream.opened().reset(ErrorCode.REFUSED, "no more of these");

        assertThat(failureOf(stream.opened()::receive)).hasMessage("no more of these");
        assertThat(failureOf(stream.accepted()::receive)).hasMessageContaining("no more of these");
        assertClosed(stream, ErrorCode.REFUSED);
    }

    @Test
    void whoHearsOfAResetFindsTheStreamGone() {
        for (int i = 0; i < 50; i++) {
            StreamEnds stream = ends.open();
            CompletableFuture<Boolean> stillListed = CompletableFuture.supplyAsync(() -> {
                failureOf(stream.accepted()::receive);
                return ends.acceptor().streams().contains(stream.accepted());
            });

            stream.opened().reset(ErrorCode.REFUSED);

            assertThat(get(stillListed)).isFalse();
        }
    }

    @Test
    void isNotResetWithoutAnError() {
        StreamEnds stream = ends.open();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stream.opened().reset(ErrorCode.NO_ERROR))
                .withMessageContaining("finish");
        assertThatIllegalArgumentException().isThrownBy(() -> stream.opened().stopReceiving(ErrorCode.NO_ERROR));
        closeBoth(stream);
    }

    @Test
    void aResetFailsWhatIsStillBeingSent() {
        for (boolean bySender : new boolean[] {true, false}) {
            StreamEnds stream = ends.open();
            List<CompletableFuture<Void>> sends = fill(stream.opened());

            (bySender ? stream.opened() : stream.accepted()).reset(ErrorCode.CANCELLED);

            assertClosed(stream, ErrorCode.CANCELLED);
            assertThat(failureOf(sends.get(sends.size() - 1)).code()).isEqualTo(ErrorCode.CANCELLED);
            assertThat(sends).allSatisfy(send -> {
                get(send.exceptionally(failure -> null));
                assertThat(!send.isCompletedExceptionally() || failureOf(send).code() == ErrorCode.CANCELLED)
                        .isTrue();
            });
        }
    }

    @Test
    void stopsReceivingWhileItGoesOnSending() throws Exception {
        for (StreamEnds way : List.of(ends.open(), ends.open().swapped())) {
            get(way.opened().send("unread"));
            List<CompletableFuture<Void>> sends = fill(way.opened());

            way.accepted().stopReceiving(ErrorCode.NOT_READING);

            assertThat(failureOf(sends.get(sends.size() - 1)).code()).isEqualTo(ErrorCode.NOT_READING);
            assertThat(failureOf(way.opened().send("more")).code()).isEqualTo(ErrorCode.NOT_READING);
            assertThat(failureOf(way.accepted()::receive).code()).isEqualTo(ErrorCode.NOT_READING);
            get(way.accepted().send("still here"));
            assertThat(way.opened().receive().orElseThrow().text()).isEqualTo("still here");
            way.accepted().finish();
            assertThat(way.opened().receive()).isEmpty();
            assertClosed(way, ErrorCode.NOT_READING);
        }
    }

    @Test
    void closesWithNoErrorOnceTheEndWasRead() throws Exception {
        StreamEnds stream = ends.open();
        stream.opened().send("question");
        stream.opened().finish();
        assertThat(stream.accepted().receive()).isPresent();
        assertThat(stream.accepted().receive()).isEmpty();
        stream.accepted().send("answer");
        stream.accepted().close();
        assertThat(stream.opened().receive().orElseThrow().text()).isEqualTo("answer");
        assertThat(stream.opened().receive()).isEmpty();
        stream.opened().close();
        assertClosed(stream, ErrorCode.NO_ERROR);
    }

    @Test
    void closingDeliversWhatWasSentAndTakesNoMore() throws Exception {
        StreamEnds stream = ends.open();
        stream.opened().send("all I have");
        stream.opened().close();

        assertThat(stream.accepted().receive().orElseThrow().text()).isEqualTo("all I have");
        assertThat(stream.accepted().receive()).isEmpty();
        eventually(
                () -> assertThat(failureOf(stream.accepted().send("for nobody")).code())
                        .isEqualTo(ErrorCode.CANCELLED));
        stream.accepted().close();
        assertClosed(stream, ErrorCode.CANCELLED);
    }

    @Test
    void closingIsFineWhileMoreThanTheBufferIsUnread() {
        StreamEnds stream = ends.open();
        List<CompletableFuture<Void>> sends = IntStream.range(0, 40)
                .mapToObj(i -> stream.opened().send(new byte[32 * 1024]))
                .toList();
        sends.forEach(send -> get(send));
        get(stream.opened().finish());
        stream.accepted().close();
        stream.opened().close();
        assertGone(stream);
    }

    @Test
    void aHandlersFailureResetsItsStreamOnly() throws Exception {
        StreamEnds other = ends.open();
        ConecStream failing = ends.open(stream -> {
            stream.receive();
            throw new ConecException(ErrorCode.CONVERSION_FAILED, "not that");
        });
        ConecStream broken = ends.open(stream -> {
            stream.receive();
            throw new AssertionError("expected in the log");
        });
        failing.send("x");
        broken.send("x");
        assertThat(get(failing.closed())).isEqualTo(ErrorCode.CONVERSION_FAILED);
        assertThat(get(broken.closed())).isEqualTo(ErrorCode.HANDLER_FAILED);

        get(other.opened().send("unharmed"));
        assertThat(other.accepted().receive().orElseThrow().text()).isEqualTo("unharmed");
        closeBoth(other);
    }

    private static ConecMessage message(int size, int seed) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (seed * 31 + i * 7 + (i >> 8));
        }
        return ConecMessage.of(bytes);
    }

    /** Sends more than the windows hold, and less than would block: the last of it stays at the sender. */
    static List<CompletableFuture<Void>> fill(ConecStream stream) {
        return IntStream.range(0, 55)
                .mapToObj(i -> stream.send(new byte[64 * 1024]))
                .toList();
    }

    private void closeBoth(StreamEnds stream) {
        stream.opened().finish();
        stream.accepted().finish();
        for (ConecStream each : List.of(stream.opened(), stream.accepted())) {
            assertThat(get(each.receiveAsync())).isEmpty();
        }
        assertClosed(stream, ErrorCode.NO_ERROR);
    }

    private void assertClosed(StreamEnds stream, ErrorCode code) {
        assertThat(get(stream.opened().closed())).isEqualTo(code);
        assertThat(get(stream.accepted().closed())).isEqualTo(code);
        assertGone(stream);
    }

    private void assertGone(StreamEnds stream) {
        eventually(() -> {
            assertThat(ends.opener().streams()).doesNotContain(stream.opened());
            assertThat(ends.acceptor().streams()).doesNotContain(stream.accepted());
        });
    }

    private void assertThatNoStreamIsOpen() {
        eventually(() -> assertThat(ends.opener().streams()).isEmpty());
        eventually(() -> assertThat(ends.acceptor().streams()).isEmpty());
    }
}
