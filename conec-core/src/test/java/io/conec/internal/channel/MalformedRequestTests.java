package io.conec.internal.channel;

import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.conec.ClientId;
import io.conec.ConecChannel;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.Registration;
import io.conec.client.ConecClient;
import io.conec.internal.protocol.AnswerFrame;
import io.conec.internal.protocol.CarryRequests;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.Header;
import io.conec.internal.protocol.RequestFrame;
import io.conec.internal.protocol.StreamHeader;
import io.conec.internal.protocol.StreamReply;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.Network;
import io.conec.testing.RawClient;
import io.conec.testing.RawConnection;
import io.conec.testing.RawStream;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams that carry requests, of a side that breaks the rules or goes to the limits. */
@SuppressWarnings("try") // A registration is only there to be closed.
final class MalformedRequestTests {
    private static final int MAX_MESSAGE = 1_000;
    private static final int MAX_HEADER = 200;
    private static final int MAX_STREAMS = 10;

    private Network network;
    private RawClient client;
    private RawConnection connection;
    private RawStream control;

    @BeforeEach
    void connect() throws Exception {
        network = Network.start(transport -> transport
                .maxMessageBytes(MAX_MESSAGE)
                .maxHeaderBytes(MAX_HEADER)
                .maxStreams(MAX_STREAMS));
        client = new RawClient();
        connection = client.connect(
                network.coordinator().localAddress(),
                Trust.pinned(network.coordinator().config().identity().fingerprint()),
                Identity.generate(new ClientId("mallory")));
        control = connection.register("mallory");
    }

    @AfterEach
    void close() {
        boolean open = connection.isOpen();
        client.close();
        network.close();
        assertThat(open).isTrue();
    }

    private Registration echo() {
        return network.coordinator().onStream("echo", stream -> {
            stream.send(stream.receive().orElseThrow());
            stream.close();
        });
    }

    private RawStream carrier() throws Exception {
        RawStream stream = connection
                .openStream()
                .frame(StreamHeader.newBuilder()
                        .setName("requests")
                        .setCarryRequests(CarryRequests.newBuilder().setMaxMessageBytes(MAX_MESSAGE))
                        .build());
        assertThat(StreamReply.parseFrom(stream.next()).getCode()).isZero();
        return stream;
    }

    private static RequestFrame request(long number, String name, int size) {
        return RequestFrame.newBuilder()
                .setNumber(number)
                .setHeader(StreamHeader.newBuilder().setName(name))
                .setPayload(ByteString.copyFrom(new byte[size]))
                .build();
    }

    private static RequestFrame finished(long number) {
        return RequestFrame.newBuilder().addFinished(number).build();
    }

    private static void assertAnswer(RawStream carrier, long number, ErrorCode code) throws Exception {
        AnswerFrame answer = AnswerFrame.parseFrom(carrier.next());
        assertThat(answer.getNumber()).isEqualTo(number);
        assertThat(answer.getCode()).isEqualTo((int) code.code());
        assertThat(answer.hasPayload()).isEqualTo(code == ErrorCode.NO_ERROR);
    }

    private void assertReset(RawStream stream, ErrorCode code) throws Exception {
        var reset = control.next(Control.KindCase.STREAM_RESET).getStreamReset();
        assertThat(reset.getStream()).isEqualTo(stream.id());
        assertThat(reset.getCode()).isEqualTo((int) code.code());
    }

    @Test
    void refusesOneRequestAndAnswersTheOthers() throws Exception {
        try (Registration handling = echo()) {
            RawStream carrier = carrier();
            Header wide = Header.newBuilder()
                    .setName("h")
                    .setValue("x".repeat(MAX_HEADER))
                    .build();
            carrier.frame(request(1, "", 1));
            carrier.frame(request(2, "nobody", 1));
            carrier.frame(request(3, "echo", MAX_MESSAGE + 1));
            carrier.frame(RequestFrame.newBuilder()
                    .setNumber(4)
                    .setHeader(StreamHeader.newBuilder().setName("echo").addHeaders(wide))
                    .build());
            // In any order: some are refused when they come, others when the handlers are asked.
            Map<Long, Long> codes = new HashMap<>();
            for (int i = 0; i < 4; i++) {
                AnswerFrame answer = AnswerFrame.parseFrom(carrier.next());
                codes.put(answer.getNumber(), Integer.toUnsignedLong(answer.getCode()));
            }
            assertThat(codes)
                    .isEqualTo(Map.of(
                            1L, ErrorCode.PROTOCOL_VIOLATION.code(),
                            2L, ErrorCode.NO_HANDLER.code(),
                            3L, ErrorCode.MESSAGE_TOO_LARGE.code(),
                            4L, ErrorCode.HEADERS_TOO_LARGE.code()));
            carrier.frame(request(5, "echo", MAX_MESSAGE));
            assertAnswer(carrier, 5, ErrorCode.NO_ERROR);
        }
    }

    @Test
    void resetsAStreamWithAGarbledRequest() throws Exception {
        CompletableFuture<ConecStream> handled = new CompletableFuture<>();
        try (Registration handling = network.coordinator().onStream("slow", handled::complete)) {
            RawStream carrier = carrier().frame(request(1, "slow", 1));
            ConecStream pending = get(handled);

            carrier.frame(new byte[] {0x12, 100, 1});

            assertReset(carrier, ErrorCode.PROTOCOL_VIOLATION);
            assertThat(get(pending.closed())).isEqualTo(ErrorCode.PROTOCOL_VIOLATION);
        }
    }

    @Test
    void resetsAStreamThatUsesANumberTwice() throws Exception {
        try (Registration handling = network.coordinator().onStream("slow", stream -> {})) {
            RawStream carrier = carrier().frame(request(1, "slow", 1)).frame(request(1, "slow", 1));

            assertReset(carrier, ErrorCode.PROTOCOL_VIOLATION);
        }
        assertThat(network.coordinator().client("mallory").orElseThrow().streams())
                .isEmpty();
    }

    @Test
    void hasRoomForNoMoreThanAllowedOnAllStreamsTogether() throws Exception {
        List<ConecStream> pending = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(MAX_STREAMS);
        try (Registration handling = network.coordinator().onStream("slow", stream -> {
            synchronized (pending) {
                pending.add(stream);
            }
            all.countDown();
        })) {
            RawStream first = carrier();
            RawStream second = carrier();
            for (int i = 1; i <= MAX_STREAMS; i++) {
                (i % 2 == 0 ? first : second).frame(request(i, "slow", 1));
            }
            all.await();
            for (int i = 1; i <= 3; i++) {
                second.frame(request(100, "slow", 1));
                assertAnswer(second, 100, ErrorCode.STREAM_LIMIT);
            }

            first.frame(finished(2)).frame(finished(4_711));
            await().until(() -> pending.stream()
                    .anyMatch(stream -> stream.closed().getNow(ErrorCode.NO_ERROR) == ErrorCode.CANCELLED));
            second.frame(request(101, "nobody", 1));
            assertAnswer(second, 101, ErrorCode.NO_HANDLER);
        }
    }

    /** Requests that were answered count until the other side says that it has the answers, or it could go on for ever. */
    @Test
    void countsWhatIsNotFinished() throws Exception {
        try (Registration handling = echo()) {
            RawStream carrier = carrier();
            for (int i = 1; i <= MAX_STREAMS; i++) {
                carrier.frame(request(i, "echo", 1));
                assertAnswer(carrier, i, ErrorCode.NO_ERROR);
            }
            carrier.frame(request(100, "echo", 1));
            assertAnswer(carrier, 100, ErrorCode.STREAM_LIMIT);
            carrier.frame(finished(1)).frame(request(101, "echo", 1));
            assertAnswer(carrier, 101, ErrorCode.NO_ERROR);
        }
    }

    @Test
    void cancelsWhatIsOpenWhenTheOtherSideFinishesTheStream() throws Exception {
        CompletableFuture<ConecStream> handled = new CompletableFuture<>();
        try (Registration handling = network.coordinator().onStream("slow", handled::complete)) {
            RawStream carrier = carrier().frame(request(1, "slow", 1));
            ConecStream pending = get(handled);

            carrier.write(new byte[] {0}).fin();

            assertThat(get(pending.closed())).isEqualTo(ErrorCode.CANCELLED);
            get(carrier.ended());
        }
    }

    @Test
    void sendsNoAnswerOverTheOtherSidesLimit() throws Exception {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        try (Registration handling = network.coordinator().onStream("large", stream -> {
            stream.send(new byte[11]).whenComplete((nothing, failure) -> sent.completeExceptionally(failure));
            stream.send(new byte[10]);
            stream.close();
        })) {
            RawStream carrier = connection
                    .openStream()
                    .frame(StreamHeader.newBuilder()
                            .setName("requests")
                            .setCarryRequests(CarryRequests.newBuilder().setMaxMessageBytes(10))
                            .build());
            assertThat(StreamReply.parseFrom(carrier.next()).getCode()).isZero();

            assertAnswer(carrier.frame(request(1, "large", 1)), 1, ErrorCode.NO_ERROR);

            assertThat(failureOf(sent).code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        }
    }

    /** Or its answers would fill the heap. */
    @Test
    void takesNoRequestsOfASideThatTakesNoAnswers() throws Exception {
        RawStream carrier = carrier().autoRead(false);
        String name = "n".repeat(MAX_HEADER / 2);
        int most = 1_000_000;
        int sent = 0;
        for (; sent < most && carrier.isWritable(); sent++) {
            carrier.frame(request(sent, name, 1));
            if (!carrier.isWritable()) {
                // It may only be busy.
                long deadline = System.nanoTime() + 1_000_000_000;
                while (!carrier.isWritable() && System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                }
            }
        }
        assertThat(sent).isLessThan(most);

        carrier.autoRead(true);

        await().until(carrier::isWritable);
        BitSet answered = new BitSet();
        for (int i = 0; i < sent; i++) {
            AnswerFrame answer = AnswerFrame.parseFrom(carrier.next());
            assertThat(answer.getCode()).isIn((int) ErrorCode.NO_HANDLER.code(), (int) ErrorCode.STREAM_LIMIT.code());
            answered.set((int) answer.getNumber());
        }
        assertThat(answered.cardinality()).isEqualTo(sent);
    }

    @Test
    void tellsAHandlerThatHasAnsweredOfTheEnd() {
        CompletableFuture<ConecStream> handled = new CompletableFuture<>();
        try (Registration handling = network.coordinator().onStream("chatty", stream -> {
            stream.send("answer");
            handled.complete(stream);
        })) {
            ConecClient alice = network.client("alice");
            ConecChannel channel = alice.coordinator().orElseThrow();
            assertThat(get(channel.request("chatty", Map.of(), ConecMessage.of("question"))))
                    .isPresent();
            ConecStream answered = get(handled);
            assertThat(answered.channel().streams()).contains(answered);

            channel.close();

            get(answered.closed());
            assertThat(answered.channel().streams()).isEmpty();
        }
    }

    // The other side answers.

    private CompletableFuture<Optional<ConecMessage>> askRaw() {
        ConecChannel channel = network.coordinator().client("raw").orElseThrow();
        return channel.request("ask", Map.of(), ConecMessage.of("question"));
    }

    @Test
    void failsWhenNoRequestsAreTakenAndTriesAgain() throws Exception {
        try (RawPeer peer = new RawPeer("raw", network.coordinator())) {
            for (int i = 0; i < 2; i++) {
                CompletableFuture<Optional<ConecMessage>> asked = askRaw();
                RawPeer.Raw raw = peer.accept();
                raw.send(StreamReply.newBuilder()
                        .setCode((int) ErrorCode.NO_HANDLER.code())
                        .setMessage("no requests here")
                        .build());
                raw.giveUp();

                assertThat(failureOf(asked)).hasMessage("no requests here");
            }
        }
    }

    @Test
    void failsWithAGarbledAnswerAndAsksAgainOnAnotherStream() throws Exception {
        try (RawPeer peer = new RawPeer("raw", network.coordinator())) {
            CompletableFuture<Optional<ConecMessage>> asked = askRaw();
            RawPeer.Raw raw = peer.accept();
            raw.send(StreamReply.getDefaultInstance());
            // Where an answer has its text, which these bytes are not.
            raw.send(RequestFrame.newBuilder()
                    .setPayload(ByteString.copyFrom(new byte[] {(byte) 0xff}))
                    .build());

            assertThat(failureOf(asked).code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION);

            CompletableFuture<Optional<ConecMessage>> again = askRaw();
            RawPeer.Raw other = peer.accept();
            other.send(StreamReply.getDefaultInstance());
            // Numbers that were never asked are nobody's business.
            other.send(AnswerFrame.newBuilder().setNumber(4_711).build());
            other.send(AnswerFrame.newBuilder()
                    .setNumber(1)
                    .setPayload(ByteString.copyFromUtf8("answer"))
                    .build());
            assertThat(get(again).orElseThrow().text()).isEqualTo("answer");
        }
    }

    @Test
    void failsWhenTheOtherSideFinishesTheStream() throws Exception {
        try (RawPeer peer = new RawPeer("raw", network.coordinator())) {
            CompletableFuture<Optional<ConecMessage>> asked = askRaw();
            RawPeer.Raw raw = peer.accept();
            raw.send(StreamReply.getDefaultInstance());
            raw.finish();

            assertThat(failureOf(asked).code()).isEqualTo(ErrorCode.STREAM_CLOSED);
        }
    }

    @Test
    void failsWithItsChannel() throws Exception {
        CompletableFuture<ConecStream> handled = new CompletableFuture<>();
        try (Registration handling = network.coordinator().onStream("slow", handled::complete)) {
            ConecClient alice = network.client("alice");
            CompletableFuture<Optional<ConecMessage>> asked =
                    alice.coordinator().orElseThrow().request("slow", Map.of(), ConecMessage.of("question"));
            ConecStream pending = get(handled);

            network.coordinator().client("alice").orElseThrow().close(ErrorCode.SHUTTING_DOWN, "good night");

            assertThat(failureOf(asked)).hasMessageContaining("good night");
            assertThat(get(pending.closed())).isEqualTo(ErrorCode.SHUTTING_DOWN);
        }
    }
}
