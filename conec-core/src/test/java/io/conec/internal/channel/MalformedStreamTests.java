package io.conec.internal.channel;

import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ClientId;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.Header;
import io.conec.internal.protocol.StreamHeader;
import io.conec.internal.protocol.StreamReply;
import io.conec.internal.protocol.StreamReset;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.BackgroundPair;
import io.conec.testing.Ends;
import io.conec.testing.Network;
import io.conec.testing.RawClient;
import io.conec.testing.RawConnection;
import io.conec.testing.RawStream;
import io.conec.testing.StreamEnds;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A stream on which the other side breaks the rules is reset with the reason; its channel and everybody else go on. */
@SuppressWarnings("try") // A registration is only there to be closed.
final class MalformedStreamTests {
    private static final int MAX_MESSAGE = 1_000;
    private static final int MAX_HEADER = 200;
    private static final int MAX_STREAMS = 10;

    private static Network network;
    private static BackgroundPair pair;
    private static Identity mallory;

    private RawClient client;
    private RawConnection connection;
    private RawStream control;
    private ConecChannel channel;

    private record Accepted(RawStream raw, ConecStream conec) {}

    @BeforeAll
    static void connectTheOthers() {
        network = Network.start(transport -> transport
                .requestTimeout(Duration.ofSeconds(2))
                .maxMessageBytes(MAX_MESSAGE)
                .maxHeaderBytes(MAX_HEADER)
                .maxStreams(MAX_STREAMS));
        pair = BackgroundPair.start(network);
        mallory = Identity.generate(new ClientId("mallory"));
    }

    @AfterAll
    static void disconnectTheOthers() {
        pair.close();
        network.close();
    }

    @BeforeEach
    void connect() throws Exception {
        client = new RawClient();
        connection = client.connect(
                network.coordinator().localAddress(),
                Trust.pinned(network.coordinator().config().identity().fingerprint()),
                mallory);
        control = connection.register("mallory");
        channel = network.coordinator().client("mallory").orElseThrow();
    }

    @AfterEach
    void theChannelAndTheOthersAreUndisturbed() {
        boolean open = connection.isOpen();
        client.close();
        assertThat(open).isTrue();
        pair.assertUndisturbed();
        await().until(() -> network.coordinator().client("mallory").isEmpty());
    }

    @Test
    void waitsForAHeaderUntilTheRequestTimeout() throws Exception {
        RawStream stream = connection.openStream().write(new byte[] {50, 1, 2, 3});

        assertReset(stream, ErrorCode.TIMEOUT, "no header on stream 4");
        assertForgotten(stream);
    }

    @Test
    void refusesAGarbledHeader() throws Exception {
        RawStream stream = connection.openStream().frame(new byte[] {0x0a, 100, 1});

        assertReset(stream, ErrorCode.PROTOCOL_VIOLATION, "malformed stream header");
        assertForgotten(stream);
    }

    @Test
    void refusesAnEndInPlaceOfAHeader() throws Exception {
        RawStream stream = connection.openStream().write(new byte[] {0});

        assertReset(stream, ErrorCode.PROTOCOL_VIOLATION, "ended before it was opened");
        assertForgotten(stream);
    }

    @Test
    void refusesAStreamWithoutAName() throws Exception {
        RawStream stream = connection.openStream().frame(StreamHeader.getDefaultInstance());

        assertThat(reply(stream).getCode()).isEqualTo((int) ErrorCode.PROTOCOL_VIOLATION.code());
        assertForgotten(stream);
    }

    @Test
    void refusesHeadersOverTheLimit() throws Exception {
        Header wide = Header.newBuilder()
                .setName("h")
                .setValue("x".repeat(MAX_HEADER))
                .build();
        RawStream stream = connection
                .openStream()
                .frame(header("wide").toBuilder().addHeaders(wide).build());

        assertThat(reply(stream).getCode()).isEqualTo((int) ErrorCode.HEADERS_TOO_LARGE.code());
        assertForgotten(stream);
    }

    @Test
    void refusesAHeaderOverTheProtocolsLimitByItsLengthAlone() throws Exception {
        RawStream stream = connection.openStream().write(new byte[] {(byte) 0x82, (byte) 0x80, 0x04});

        assertReset(stream, ErrorCode.HEADERS_TOO_LARGE, "over the limit of 65536");
        assertForgotten(stream);
    }

    @Test
    void refusesAStreamThatNobodyHandles() throws Exception {
        RawStream stream = connection.openStream().frame(header("nobody\n"));

        StreamReply reply = reply(stream);
        assertThat(reply.getCode()).isEqualTo((int) ErrorCode.NO_HANDLER.code());
        assertThat(reply.getMessage()).isEqualTo("nothing handles streams named \"nobody\\u000a\"");
        assertForgotten(stream);
    }

    static List<Runnable> bugs() {
        return List.of(
                () -> {
                    throw new IllegalStateException("a bug of the application's");
                },
                () -> {
                    throw new NoClassDefFoundError("a bug of the application's");
                },
                () -> {
                    throw new ConecException(ErrorCode.NO_ERROR, "");
                });
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void survivesAPredicateThatFails(Runnable bug) throws Exception {
        try (var registration = network.coordinator()
                .onStream(
                        offer -> {
                            bug.run();
                            return true;
                        },
                        stream -> {})) {
            RawStream stream = connection.openStream().frame(header("trap"));

            StreamReply reply = reply(stream);
            assertThat(reply.getCode()).isEqualTo((int) ErrorCode.HANDLER_FAILED.code());
            assertThat(reply.getMessage()).doesNotContain("bug");
            assertForgotten(stream);
        }
    }

    @Test
    void resetsAStreamWithAMessageOverTheLimit() throws Exception {
        Accepted stream = accepted();
        stream.raw().frame(new byte[MAX_MESSAGE]).frame(new byte[MAX_MESSAGE + 1]);

        assertReset(stream.raw(), ErrorCode.MESSAGE_TOO_LARGE, "1001 bytes is over the limit of 1000");
        assertThat(get(stream.conec().closed())).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        assertForgotten(stream.raw());
    }

    @Test
    void tellsASenderThatItsMessageIsOverTheReceiversLimit() {
        try (ConecClient generous = network.client(
                "generous",
                builder -> builder.transport(network.coordinator().config().transport().toBuilder()
                        .maxMessageBytes(10 * MAX_MESSAGE)
                        .build()))) {
            ConecChannel toCoordinator = generous.coordinator().orElseThrow();
            ConecChannel fromCoordinator =
                    network.coordinator().client("generous").orElseThrow();
            StreamEnds stream = new Ends(generous, toCoordinator, network.coordinator(), fromCoordinator).open();
            stream.opened().send(new byte[2 * MAX_MESSAGE]);

            assertThat(get(stream.opened().closed())).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
            ConecException failure = failureOf(stream.opened().send("more"));
            assertThat(failure.code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
            assertThat(failure).hasMessageContaining("2000 bytes is over the limit of 1000");
            await().until(() -> toCoordinator.streams().isEmpty()
                    && fromCoordinator.streams().isEmpty());
        }
    }

    @Test
    void resetsAStreamWithBytesAfterItsEnd() throws Exception {
        Accepted stream = accepted();
        stream.raw().write(new byte[] {0, 1});

        assertReset(stream.raw(), ErrorCode.PROTOCOL_VIOLATION, "bytes after the end mark");
        assertForgotten(stream.raw());
    }

    @Test
    void failsAStreamWhoseDirectionEndsWithoutAnEndMark() throws Exception {
        Accepted stream = accepted();
        CompletableFuture<?> read = stream.conec().receiveAsync();
        stream.raw().write(new byte[] {10, 1, 2}).fin();

        assertThat(failureOf(read).code()).isEqualTo(ErrorCode.TIMEOUT);
        await().until(() -> channel.streams().isEmpty());
    }

    @Test
    void takesQuicsResetForAReset() throws Exception {
        Accepted stream = accepted();
        CompletableFuture<?> read = stream.conec().receiveAsync();
        stream.raw().reset((int) ErrorCode.CANCELLED.code());

        assertThat(failureOf(read).code()).isEqualTo(ErrorCode.CANCELLED);
        await().until(() -> channel.streams().isEmpty());
    }

    /** Netty keeps what is left of such streams as long as the connection, so there must not be ever more. */
    @Test
    void throwsOutAClientThatGoesOnUsingQuicsReset() throws Exception {
        try (RawClient other = new RawClient();
                var registration = network.coordinator().onStream("reset", stream -> {})) {
            RawConnection resetting = other.connect(
                    network.coordinator().localAddress(),
                    Trust.pinned(network.coordinator().config().identity().fingerprint()),
                    Identity.generate(new ClientId("resetting")));
            resetting.register("resetting");
            while (resetting.isOpen()) {
                RawStream stream = resetting.tryOpenStream();
                if (stream != null) {
                    stream.frame(header("reset"));
                    await().pollDelay(Duration.ZERO)
                            .pollInterval(Duration.ofMillis(1))
                            .until(() -> stream.hasFrame() || !resetting.isOpen());
                    stream.reset(1);
                }
            }

            assertThat(resetting.awaitClose().code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION);
            assertThat(resetting.awaitClose().reason()).contains("RESET_STREAM");
        }
    }

    @Test
    void takesQuicsStopForAReset() throws Exception {
        Accepted stream = accepted();
        stream.raw().stopSending((int) ErrorCode.NOT_READING.code());

        await().until(() -> stream.conec().send("anything").isCompletedExceptionally());
        assertThat(get(stream.conec().closed())).isEqualTo(ErrorCode.CANCELLED);
        assertForgotten(stream.raw());
    }

    @Test
    void ignoresResetsOfStreamsThatAreNone() throws Exception {
        for (long id : new long[] {0, 4_000, -1}) {
            control.frame(Control.newBuilder()
                    .setStreamReset(StreamReset.newBuilder().setStream(id).setCode(1))
                    .build());
        }

        Accepted stream = accepted();
        stream.raw().frame("still here".getBytes(StandardCharsets.UTF_8));
        assertThat(stream.conec().receive().orElseThrow().text()).isEqualTo("still here");
    }

    /** No error would mean that everything had arrived. */
    @Test
    void takesAResetWithoutAnErrorForACancellation() throws Exception {
        Accepted told = accepted();
        CompletableFuture<?> toldRead = told.conec().receiveAsync();
        control.frame(Control.newBuilder()
                .setStreamReset(StreamReset.newBuilder().setStream(told.raw().id()))
                .build());
        Accepted cut = accepted();
        CompletableFuture<?> cutRead = cut.conec().receiveAsync();
        cut.raw().reset(0);

        assertThat(failureOf(toldRead).code()).isEqualTo(ErrorCode.CANCELLED);
        assertThat(get(told.conec().closed())).isEqualTo(ErrorCode.CANCELLED);
        assertThat(failureOf(cutRead).code()).isEqualTo(ErrorCode.CANCELLED);
        assertThat(get(cut.conec().closed())).isEqualTo(ErrorCode.CANCELLED);
        assertForgotten(told.raw());
    }

    @Test
    void hasRoomForNoMoreStreamsThanAllowed() throws Exception {
        try (var registration = network.coordinator().onStream("many", stream -> {})) {
            for (int i = 0; i < MAX_STREAMS; i++) {
                RawStream stream = connection.openStream().frame(header("many"));
                assertThat(reply(stream).getCode()).isZero();
            }
            assertThat(connection.tryOpenStream()).isNull();
            assertThat(channel.streams()).hasSize(MAX_STREAMS);
        }
    }

    @Test
    void failsAnOpeningThatIsAnsweredWithGarbage() throws Exception {
        CompletableFuture<ConecStream> opening = channel.openStream("to-mallory");
        RawStream stream = connection.accept();
        stream.next();
        stream.frame(new byte[] {0x12, 100, 1});

        assertThat(failureOf(opening).code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION);
        assertForgotten(stream);
    }

    @Test
    void givesAnOpeningUpThatIsNotAnswered() throws Exception {
        CompletableFuture<ConecStream> opening = channel.openStream("to-mallory");
        RawStream stream = connection.accept();

        ConecException failure = failureOf(opening);
        assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(failure).hasMessageContaining("no answer to the opening of stream \"to-mallory\"");
        assertForgotten(stream);
    }

    @Test
    void takesARefusalInAnyWords() throws Exception {
        CompletableFuture<ConecStream> opening = channel.openStream("to-mallory");
        RawStream stream = connection.accept();
        stream.next();
        stream.frame(StreamReply.newBuilder()
                .setCode(0xffff)
                .setMessage("line\nfeed" + "x".repeat(1_000))
                .build());

        ConecException failure = failureOf(opening);
        assertThat(failure.code()).isEqualTo(ErrorCode.INTERNAL_ERROR);
        assertThat(failure.getMessage()).startsWith("line\\u000afeedxxx").hasSizeLessThan(300);
        assertForgotten(stream);
    }

    private Accepted accepted() throws Exception {
        String name = Ends.newName();
        CompletableFuture<ConecStream> accepted = new CompletableFuture<>();
        try (var registration = network.coordinator().onStream(name, accepted::complete)) {
            RawStream raw = connection.openStream().frame(header(name));
            assertThat(reply(raw).getCode()).isZero();
            return new Accepted(raw, get(accepted));
        }
    }

    private static StreamHeader header(String name) {
        return StreamHeader.newBuilder().setName(name).build();
    }

    private static StreamReply reply(RawStream stream) throws Exception {
        return StreamReply.parseFrom(stream.next());
    }

    private void assertReset(RawStream stream, ErrorCode code, String why) throws Exception {
        StreamReset reset = control.next(Control.KindCase.STREAM_RESET).getStreamReset();
        assertThat(reset.getStream()).isEqualTo(stream.id());
        assertThat(reset.getCode()).isEqualTo((int) code.code());
        assertThat(reset.getMessage()).contains(why);
    }

    /** Nothing is left of a stream once the other side has ended its direction too. */
    private void assertForgotten(RawStream stream) {
        stream.fin();
        await().until(() -> channel.streams().isEmpty());
    }
}
