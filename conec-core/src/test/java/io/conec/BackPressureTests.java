package io.conec;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.conec.testing.ChannelKind;
import io.conec.testing.Ends;
import io.conec.testing.Network;
import io.conec.testing.StreamEnds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A reader that is slower than its sender. */
@SuppressWarnings("try") // A registration is closed, not used.
final class BackPressureTests {
    private static final int KIB = 1024;
    private static final int MESSAGE = 16 * KIB;
    private static final int BUFFER = 256 * KIB;
    private static final int WINDOW = 128 * KIB;
    private static final int COUNT = 1_000;

    /** The receive buffer, the window, which may have grown while that was filled, and what QUIC holds to send: far less than what is sent. */
    private static final int MOST_TAKEN = (BUFFER + 4 * WINDOW + BUFFER) / MESSAGE;

    private Network network;

    @BeforeEach
    void start() {
        network = Network.start(transport ->
                transport.receiveBufferBytes(BUFFER).sendBufferBytes(BUFFER).streamWindowBytes(WINDOW));
    }

    @AfterEach
    void close() {
        network.close();
    }

    @ParameterizedTest
    @EnumSource
    void anUnreadStreamStopsItsSenderAndNobodyElse(ChannelKind kind) throws Exception {
        Ends ends = network.channel(kind);
        StreamEnds stalled = ends.open();
        StreamEnds other = ends.open();
        AtomicInteger taken = new AtomicInteger();
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < COUNT; i++) {
                stalled.opened().send(numbered(i)).thenRun(taken::incrementAndGet);
            }
            get(stalled.opened().finish());
        });
        eventually(() -> assertThat(taken.get()).isGreaterThanOrEqualTo(BUFFER / MESSAGE));

        for (int i = 0; i < 300; i++) {
            other.opened().send("ping " + i);
            assertThat(other.accepted().receive().orElseThrow().text()).isEqualTo("ping " + i);
            other.accepted().send("pong " + i);
            assertThat(other.opened().receive().orElseThrow().text()).isEqualTo("pong " + i);
        }
        assertThat(taken.get()).isLessThanOrEqualTo(MOST_TAKEN);
        assertThat(sending).isNotDone();

        for (int i = 0; i < COUNT; i++) {
            assertThat(stalled.accepted().receive()).contains(numbered(i));
        }
        assertThat(stalled.accepted().receive()).isEmpty();
        get(sending);
        eventually(() -> assertThat(taken.get()).isEqualTo(COUNT));
    }

    @Test
    void aFullSendBufferHoldsTheSenderUntilTheReaderReads() throws Exception {
        StreamEnds stream = network.channel(ChannelKind.CLIENT_TO_COORDINATOR).open();
        Sender sender = new Sender(stream.opened());
        sender.awaitHeld();
        int sent = sender.sends.get();

        CompletableFuture<Void> reading = CompletableFuture.runAsync(() -> {
            for (int i = 0; i <= sent; i++) {
                assertThat(get(stream.accepted().receiveAsync())).contains(numbered(i));
            }
        });

        get(reading);
        eventually(() -> assertThat(sender.sends.get()).isGreaterThan(sent));
        stream.accepted().reset(ErrorCode.CANCELLED);
        get(sender.failure);
    }

    /** Each takes memory at the receiver, though none has a byte. */
    @Test
    void messagesWithoutABytesStopTheirSenderToo() throws Exception {
        StreamEnds stream = network.channel(ChannelKind.CLIENT_TO_CLIENT).open();
        int most = 2_000_000;
        AtomicInteger taken = new AtomicInteger();
        ConecMessage empty = ConecMessage.of(new byte[0]);
        Thread sender = new Thread(() -> {
            for (int i = 0; i < most && !stream.opened().closed().isDone(); i++) {
                stream.opened().send(empty).thenRun(taken::incrementAndGet);
            }
        });
        sender.start();

        eventually(() -> assertThat(sender.getStackTrace())
                .extracting(StackTraceElement::getMethodName)
                .contains("awaitRoom"));
        long arrived = stream.accepted().channel().statistics().messagesReceived();
        assertThat(arrived).isLessThan(100_000);

        for (long i = 0; i < 2 * arrived; i++) {
            assertThat(stream.accepted().receive()).contains(empty);
        }
        stream.accepted().reset(ErrorCode.CANCELLED);
        sender.join();
    }

    /** Or a sender that repeats on a new channel what failed on the old one would repeat what was delivered. */
    @ParameterizedTest
    @ValueSource(ints = {20, 50, 80, 110, 140})
    void whatWasDeliveredHasNotFailed(int read) throws Exception {
        try (Network narrow =
                Network.start(transport -> transport.receiveBufferBytes(4 * KIB).streamWindowBytes(16 * KIB))) {
            Ends ends = narrow.channel(ChannelKind.CLIENT_TO_CLIENT);
            StreamEnds stream = ends.open();
            List<CompletableFuture<Void>> sends = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                sends.add(stream.opened().send(new byte[KIB]));
            }
            int delivered = 0;
            while (delivered < read) {
                assertThat(stream.accepted().receive()).isPresent();
                delivered++;
            }
            ends.opener().close(ErrorCode.CANCELLED, "enough");
            get(ends.acceptor().closed());
            while (!stream.accepted().receiveAsync().isCompletedExceptionally()) {
                delivered++;
            }

            for (CompletableFuture<Void> send : sends) {
                eventually(() -> assertThat(send).isDone());
            }
            assertThat(sends.subList(0, delivered)).noneMatch(CompletableFuture::isCompletedExceptionally);
            assertThat(sends.get(sends.size() - 1)).isCompletedExceptionally();
        }
    }

    @Test
    void aResetLetsTheHeldSenderGo() {
        for (boolean bySender : new boolean[] {true, false}) {
            StreamEnds stream =
                    network.channel(ChannelKind.CLIENT_TO_COORDINATOR).open();
            Sender sender = new Sender(stream.opened());
            sender.awaitHeld();

            (bySender ? stream.opened() : stream.accepted()).reset(ErrorCode.NOT_READING);

            assertThat(get(sender.failure).code()).isEqualTo(ErrorCode.NOT_READING);
        }
    }

    @Test
    void theChannelsEndLetsTheHeldSenderGo() {
        Ends ends = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        Sender sender = new Sender(ends.open().opened());
        sender.awaitHeld();

        ends.acceptor().close(ErrorCode.CANCELLED, "enough");

        assertThat(get(sender.failure).code()).isEqualTo(ErrorCode.CANCELLED);
    }

    @Test
    void finishingLetsTheHeldSenderGo() {
        StreamEnds stream = network.channel(ChannelKind.CLIENT_TO_COORDINATOR).open();
        Sender sender = new Sender(stream.opened());
        sender.awaitHeld();

        stream.opened().finish();

        assertThat(get(sender.failure).code()).isEqualTo(ErrorCode.STREAM_CLOSED);
    }

    @Test
    void anInterruptLetsTheHeldSenderGoAndTheStreamStaysUsable() throws Exception {
        StreamEnds stream = network.channel(ChannelKind.CLIENT_TO_COORDINATOR).open();
        Sender sender = new Sender(stream.opened());
        sender.awaitHeld();

        sender.thread.interrupt();

        assertThat(get(sender.failure).code()).isEqualTo(ErrorCode.CANCELLED);
        assertThat(get(sender.stillInterrupted)).isTrue();
        int sent = sender.sends.get();
        stream.opened().finish();
        for (int i = 0; i < sent; i++) {
            assertThat(stream.accepted().receive()).contains(numbered(i));
        }
        assertThat(stream.accepted().receive()).as("what was not sent").isEmpty();
    }

    @Test
    void takesAMessageLargerThanTheBuffers() throws Exception {
        StreamEnds stream = network.channel(ChannelKind.CLIENT_TO_CLIENT).open();
        byte[] large = new byte[4 * 1024 * KIB];
        Arrays.fill(large, (byte) 7);
        for (int i = 0; i < 3; i++) {
            CompletableFuture<Void> sent = stream.opened().send(large);
            assertThat(stream.accepted().receive()).contains(ConecMessage.of(large));
            get(sent);
        }
    }

    @Test
    void aReceiverWithALowerLimitResetsTheStreamOnly() throws Exception {
        network.client(
                "small",
                client -> client.transport(
                        TransportConfig.builder().maxMessageBytes(100).build()));
        ConecChannel channel = network.coordinator().client("small").orElseThrow();
        CompletableFuture<ConecStream> accepted = new CompletableFuture<>();
        try (Registration handling = network.client("small").onStream("s", accepted::complete)) {
            ConecStream stream = get(channel.openStream("s"));
            get(stream.send(new byte[100]));
            assertThat(get(accepted).receive().orElseThrow().size()).isEqualTo(100);
            stream.send(new byte[101]);
            assertThat(get(stream.closed())).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
            assertThat(failureOf(stream.send("late")))
                    .hasMessageContaining("101")
                    .hasMessageContaining("100");
            assertThat(get(get(accepted).closed())).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
            assertThat(get(channel.openStream("s"))).isNotNull();
        }
    }

    private static ConecMessage numbered(int i) {
        byte[] bytes = new byte[MESSAGE];
        bytes[0] = (byte) i;
        bytes[1] = (byte) (i >> 8);
        bytes[MESSAGE - 1] = (byte) i;
        return ConecMessage.of(bytes);
    }

    /** A thread that ignores the stages and sends until a send fails at once. */
    private static final class Sender {
        private final AtomicInteger sends = new AtomicInteger();
        private final CompletableFuture<ConecException> failure = new CompletableFuture<>();
        private final CompletableFuture<Boolean> stillInterrupted = new CompletableFuture<>();
        private final Thread thread;

        Sender(ConecStream stream) {
            thread = new Thread(() -> {
                while (true) {
                    CompletableFuture<Void> send = stream.send(numbered(sends.get()));
                    if (send.isCompletedExceptionally()) {
                        stillInterrupted.complete(Thread.currentThread().isInterrupted());
                        failure.complete(failureOf(send));
                        return;
                    }
                    sends.incrementAndGet();
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        void awaitHeld() {
            eventually(() -> {
                int before = sends.get();
                assertThat(thread.getState()).isEqualTo(Thread.State.WAITING);
                assertThat(thread.getStackTrace())
                        .extracting(StackTraceElement::getMethodName)
                        .contains("awaitRoom");
                assertThat(before).isGreaterThanOrEqualTo(2 * BUFFER / MESSAGE);
            });
        }
    }
}
