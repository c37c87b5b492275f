package io.conec;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.conec.client.ConecClient;
import io.conec.coordinator.CoordinatorStatistics;
import io.conec.testing.ChannelKind;
import io.conec.testing.Ends;
import io.conec.testing.Network;
import io.conec.testing.StreamEnds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Opening, sharing and closing channels. */
@SuppressWarnings("try") // A registration is closed, not used.
final class ChannelTests {
    private static final int MAX_STREAMS = 20;
    private Network network;

    @BeforeEach
    void start() {
        network =
                Network.start(transport -> transport.maxStreams(MAX_STREAMS).keepAliveInterval(Duration.ofMillis(100)));
    }

    @AfterEach
    void close() {
        network.close();
    }

    @Test
    void thereIsOneForEachPair() {
        ConecClient alice = network.client("alice");
        ConecClient bob = network.client("bob");
        CompletableFuture<ConecChannel> first = alice.open("bob");
        CompletableFuture<ConecChannel> second = alice.open("bob");

        assertThat(get(first)).isSameAs(get(second)).isSameAs(get(alice.open("bob")));
        assertThat(get(bob.open("alice"))).isSameAs(get(bob.open("alice")));
        assertThat(alice.channels()).hasSize(2);
        assertThat(bob.channels()).hasSize(2);
        assertThat(network.coordinator().statistics().introductions()).isEqualTo(1);
        assertThat(get(first).peer()).isEqualTo("bob");
        assertThat(get(first).kind()).isEqualTo(ConecChannel.Kind.PEER);
        assertThat(get(first).path().kind()).isEqualTo(ChannelPath.Kind.RELAYED);
    }

    @Test
    void isThereAtOnceOnceItIsOpen() {
        ConecClient alice = network.client("alice");
        network.client("bob");
        ConecChannel channel = get(alice.open("bob"));

        assertThat(alice.open("bob")).isCompletedWithValue(channel);

        channel.close();
        ConecChannel next = get(alice.open("bob"));
        assertThat(next).isNotSameAs(channel);
        assertThat(alice.open("bob")).isCompletedWithValue(next);
    }

    @ParameterizedTest
    @EnumSource(ChannelKind.class)
    void tellsHowLongItTookToOpen(ChannelKind kind) {
        Ends ends = network.channel(kind);
        for (ConecChannel each : List.of(ends.opener(), ends.acceptor())) {
            assertThat(each.handshake()).isPositive().isLessThan(TransportConfig.DEFAULTS.handshakeTimeout());
        }
    }

    @Test
    void isTheSameWhenBothSidesOpenItAtTheSameMoment() {
        ConecClient alice = network.client("alice");
        ConecClient bob = network.client("bob");
        for (int i = 0; i < 50; i++) {
            CompletableFuture<ConecChannel> byAlice = new CompletableFuture<>();
            Thread other = new Thread(() -> byAlice.complete(get(alice.open("bob"))));
            other.start();
            ConecChannel toAlice = get(bob.open("alice"));
            ConecChannel toBob = get(byAlice);

            Ends ends = new Ends(alice, toBob, bob, toAlice);
            StreamEnds stream = ends.open();
            assertThat(stream.accepted().channel()).isSameAs(toAlice);
            toBob.close();
            get(toAlice.closed());
            get(toBob.closed());
        }
    }

    @Test
    void canBeOpenedWhileTheOtherSideIsStillOpeningIt() {
        ConecClient alice = network.client("alice");
        ConecClient bob = network.client("bob");
        for (int i = 0; i < 50; i++) {
            long before = network.coordinator().statistics().introductions();
            CompletableFuture<ConecChannel> byAlice = alice.open("bob");
            while (network.coordinator().statistics().introductions() == before) {
                Thread.onSpinWait();
            }
            ConecChannel toAlice = get(bob.open("alice"));
            StreamEnds stream = new Ends(alice, get(byAlice), bob, toAlice).open();
            assertThat(stream.accepted().channel()).isSameAs(toAlice);
            toAlice.close();
            get(get(byAlice).closed());
            get(toAlice.closed());
        }
    }

    @Test
    void closesAndOpensAgain() throws Exception {
        ConecClient alice = network.client("alice");
        ConecClient bob = network.client("bob");
        boolean byAlice = true;
        for (int i = 0; i < 100; i++) {
            ConecClient opener = byAlice ? alice : bob;
            ConecClient other = byAlice ? bob : alice;
            ConecChannel channel = get(opener.open(other.name()));
            StreamEnds stream = new Ends(opener, channel, other, get(other.open(opener.name()))).open();
            stream.opened().send("hello");
            assertThat(stream.accepted().receive().orElseThrow().text()).isEqualTo("hello");
            channel.close();
            if (i % 2 == 0) {
                // The other side has heard of it, and is the next to open.
                get(stream.accepted().closed());
                byAlice = !byAlice;
            }
        }
    }

    @Test
    void goesToTheClientItself() throws Exception {
        Ends ends = network.channel(ChannelKind.LOOPBACK);
        assertThat(ends.opener().peer()).isEqualTo("alice");
        assertThat(ends.acceptor().peer()).isEqualTo("alice");
        assertThat(get(network.client("alice").open("alice"))).isSameAs(ends.opener());
        StreamEnds back = ends.swapped().open();
        back.opened().send("to myself");
        assertThat(back.accepted().receive().orElseThrow().text()).isEqualTo("to myself");

        ends.acceptor().close();

        get(ends.opener().closed());
        eventually(() -> assertThat(network.client("alice").channels()).hasSize(1));
        assertThat(get(network.client("alice").open("alice"))).isNotSameAs(ends.opener());
    }

    @ParameterizedTest
    @EnumSource
    void tellsTheOtherSideWhyItWasClosed(ChannelKind kind) {
        Ends ends = network.channel(kind);
        StreamEnds stream = ends.open();
        CompletableFuture<?> read = stream.accepted().receiveAsync();

        ends.opener().close(ErrorCode.NOT_ALLOWED, "no more of this");

        assertThat(get(ends.opener().closed()))
                .isEqualTo(new CloseReason(ErrorCode.NOT_ALLOWED, "no more of this", false));
        assertThat(get(ends.acceptor().closed()))
                .isEqualTo(new CloseReason(ErrorCode.NOT_ALLOWED, "no more of this", true));
        assertThat(failureOf(read).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        for (ConecStream each : List.of(stream.opened(), stream.accepted())) {
            assertThat(get(each.closed())).isEqualTo(ErrorCode.NOT_ALLOWED);
            assertThat(failureOf(each.send("late")).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        }
        for (ConecChannel each : List.of(ends.opener(), ends.acceptor())) {
            assertThat(failureOf(each.openStream("late")).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
            assertThat(each.streams()).isEmpty();
            each.close();
        }
    }

    @Test
    void anOrdinaryCloseIsCalledChannelClosed() {
        Ends ends = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        StreamEnds stream = ends.open();
        ends.opener().close();
        assertThat(get(ends.acceptor().closed()).code()).isEqualTo(ErrorCode.NO_ERROR);
        assertThat(get(stream.accepted().closed())).isEqualTo(ErrorCode.CHANNEL_CLOSED);
        assertThat(failureOf(ends.acceptor().openStream("late")).code()).isEqualTo(ErrorCode.CHANNEL_CLOSED);
    }

    @ParameterizedTest
    @EnumSource
    void carriesAsManyStreamsAsItMay(ChannelKind kind) throws Exception {
        Ends ends = network.channel(kind);
        List<StreamEnds> streams = new ArrayList<>();
        for (int i = 0; i < MAX_STREAMS; i++) {
            streams.add(ends.open());
        }
        assertThat(ends.opener().streams()).hasSize(MAX_STREAMS);
        assertThat(failureOf(ends.opener().openStream("one more")).code()).isEqualTo(ErrorCode.STREAM_LIMIT);

        streams.get(3).opened().reset(ErrorCode.CANCELLED);

        try (Registration handling = ends.acceptorParty().onStream("one more", stream -> {})) {
            assertThat(openWhenThereIsRoom(ends.opener(), "one more")).isNotNull();
        }
        streams.get(4).opened().send("as before");
        assertThat(streams.get(4).accepted().receive().orElseThrow().text()).isEqualTo("as before");
    }

    @ParameterizedTest
    @EnumSource
    void carriesAnyNumberOfStreamsOneAfterTheOther(ChannelKind kind) throws Exception {
        Ends ends = network.channel(kind);
        int count = kind == ChannelKind.CLIENT_TO_COORDINATOR ? 5_000 : 500;
        try (Registration echo = ends.acceptorParty().onStream("short", ChannelTests::echo)) {
            for (int i = 0; i < count; i++) {
                ConecStream stream = openWhenThereIsRoom(ends.opener(), "short");
                if (i % 4 == 0) {
                    stream.reset(ErrorCode.CANCELLED);
                } else if (i % 4 == 1) {
                    stream.send("reset me");
                    assertThat(get(stream.closed())).isEqualTo(ErrorCode.NOT_READING);
                } else {
                    stream.send("hello");
                    assertThat(stream.receive().orElseThrow().text()).isEqualTo("hello");
                    stream.close();
                }
            }
        }
        eventually(() -> {
            assertThat(ends.opener().streams()).isEmpty();
            assertThat(ends.acceptor().streams()).isEmpty();
        });
        assertThat(ends.acceptor().statistics().streamsOpened()).isEqualTo(count);
    }

    private static void echo(ConecStream stream) throws InterruptedException {
        ConecMessage message = stream.receive().orElseThrow();
        if (message.text().startsWith("reset")) {
            stream.reset(ErrorCode.NOT_READING);
        } else {
            stream.send(message);
            stream.close();
        }
    }

    /** A closed stream's place is free when QUIC's MAX_STREAMS has arrived (RFC 9000, section 19.11). */
    private static ConecStream openWhenThereIsRoom(ConecChannel channel, String name) {
        while (!Thread.currentThread().isInterrupted()) {
            try {
                return get(channel.openStream(name));
            } catch (ConecException e) {
                if (e.code() != ErrorCode.STREAM_LIMIT) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
        throw new AssertionError("never any room");
    }

    @Test
    void countsExactly() throws Exception {
        Ends ends = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        for (int i = 0; i < 3; i++) {
            StreamEnds stream = ends.open();
            get(stream.opened().send(new byte[1000]));
            get(stream.opened().send(new byte[0]));
            get(stream.accepted().send(new byte[7]));
            for (int n = 0; n < 2; n++) {
                assertThat(stream.accepted().receive()).isPresent();
            }
            assertThat(stream.opened().receive()).isPresent();
            if (i > 0) {
                stream.opened().reset(ErrorCode.CANCELLED);
                get(stream.accepted().closed());
            }
        }
        ends.opener().openStream("refused").exceptionally(refused -> null).join();

        eventually(() -> {
            ChannelStatistics opener = ends.opener().statistics();
            ChannelStatistics acceptor = ends.acceptor().statistics();
            assertThat(opener).isEqualTo(new ChannelStatistics(opener.roundTrip(), 1, 3, 6, 3, 3000, 21));
            assertThat(acceptor).isEqualTo(new ChannelStatistics(acceptor.roundTrip(), 1, 3, 3, 6, 21, 3000));
            assertThat(opener.roundTrip()).isPositive();
        });
    }

    @Test
    void isNotOpenedToAnUnknownOrUnwillingPeer() {
        ConecClient alice = network.client("alice");
        network.client("shy", client -> client.acceptsPeer(peer -> false));

        ConecException unknown = failureOf(alice.open("nobody"));
        assertThat(unknown.code()).isEqualTo(ErrorCode.UNKNOWN_PEER);
        assertThat(unknown).hasMessageContaining("nobody");
        ConecException refused = failureOf(alice.open("shy"));
        assertThat(refused.code()).isEqualTo(ErrorCode.REFUSED);
        assertThat(refused).hasMessageContaining("shy").hasMessageContaining("alice");
        assertThat(failureOf(alice.open("No Id")).code()).isEqualTo(ErrorCode.INVALID_ID);
        assertThat(alice.channels()).hasSize(1);
        assertThat(get(network.client("shy").open("alice")).peer()).isEqualTo("alice");
    }

    @Test
    void endsWhenAClientShutsDown() {
        Ends ends = network.channel(ChannelKind.CLIENT_TO_CLIENT);
        ConecChannel link = network.coordinator().client("bob").orElseThrow();

        network.client("bob").close();

        assertThat(get(ends.opener().closed()).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        assertThat(get(ends.opener().closed()).byPeer()).isTrue();
        assertThat(get(link.closed()).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        assertThat(get(ends.acceptor().closed()).byPeer()).isFalse();
        assertThat(failureOf(ends.acceptor().openStream("late")).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        assertThat(failureOf(network.client("bob").open("alice")).code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        assertThat(network.client("bob").channels()).isEmpty();
    }

    @Test
    void endsWhenTheCoordinatorShutsDown() {
        ConecChannel link = network.client("alice").coordinator().orElseThrow();

        network.coordinator().close();

        assertThat(get(link.closed()).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        assertThat(get(link.closed()).byPeer()).isTrue();
        assertThat(network.coordinator().channels()).isEmpty();
    }

    @Test
    void aCoordinatorCountsOnWhenItStartsAgain() {
        network.channel(ChannelKind.CLIENT_TO_CLIENT);
        CoordinatorStatistics before = network.coordinator().statistics();

        network.coordinator().close();
        network.coordinator().start();

        CoordinatorStatistics after = network.coordinator().statistics();
        assertThat(after.introductions()).isEqualTo(1);
        assertThat(after.relayedBytes()).isGreaterThanOrEqualTo(before.relayedBytes());
        assertThat(after.clients()).isZero();
        assertThat(after.relayedChannels()).isZero();
    }

    @Test
    void aClosedClientStartsAgain() throws Exception {
        ConecClient bob = network.client("bob");
        for (int i = 0; i < 3; i++) {
            StreamEnds stream = network.channel(ChannelKind.CLIENT_TO_CLIENT).open();
            stream.opened().send("hello");
            assertThat(stream.accepted().receive().orElseThrow().text()).isEqualTo("hello");
            bob.close();
            bob.close();
            assertThat(bob.isRunning()).isFalse();
            get(stream.opened().closed());
            get(bob.start());
            assertThatIllegalStateException().isThrownBy(bob::start);
        }
    }

    @Test
    void aStreamThatIsNotAnsweredInTimeFails() throws Exception {
        try (Network hasty = Network.start(transport -> transport.requestTimeout(Duration.ofMillis(300)))) {
            Ends ends = hasty.channel(ChannelKind.CLIENT_TO_COORDINATOR);
            CountDownLatch answered = new CountDownLatch(1);
            try (Registration slow = ends.acceptorParty()
                    .onStream(
                            offer -> {
                                awaitUninterruptibly(answered);
                                return true;
                            },
                            stream -> {})) {
                ConecException failure = failureOf(ends.opener().openStream("slow"));
                assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
                assertThat(failure).hasMessageContaining("slow").hasMessageContaining("300 ms");
            } finally {
                answered.countDown();
            }
            eventually(() -> assertThat(ends.acceptor().streams()).isEmpty());
            assertThat(ends.open().opened().name()).isNotEmpty();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
