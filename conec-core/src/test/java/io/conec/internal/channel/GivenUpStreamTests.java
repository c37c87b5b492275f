package io.conec.internal.channel;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ClientId;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.StreamHeader;
import io.conec.internal.protocol.StreamReply;
import io.conec.internal.protocol.StreamReset;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.Network;
import io.conec.testing.RawClient;
import io.conec.testing.RawConnection;
import io.conec.testing.RawStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams do not wait for each other, so a reset on the control stream meets its stream at any moment of its life. */
final class GivenUpStreamTests {
    private static final StreamHeader HEADER =
            StreamHeader.newBuilder().setName("s").build();

    private final CompletableFuture<ConecStream> accepted = new CompletableFuture<>();
    private final AtomicInteger handled = new AtomicInteger();
    private Network network;
    private RawPeer peer;
    private ConecChannel channel;

    @BeforeEach
    void start() {
        network = Network.start(transport -> transport.requestTimeout(Duration.ofMillis(500)));
        network.coordinator().onStream("s", stream -> {
            handled.incrementAndGet();
            accepted.complete(stream);
        });
        peer = new RawPeer("raw", network.coordinator());
        channel = network.coordinator().client("raw").orElseThrow();
    }

    @AfterEach
    void close() {
        peer.close();
        network.close();
    }

    @Test
    void aResetMayOvertakeTheWholeStream() throws Exception {
        RawPeer.Raw early = peer.open();
        peer.reset(early.id(), ErrorCode.CANCELLED, false);
        RawPeer.Raw other = peer.open();
        other.send(HEADER);
        get(accepted);

        early.send(HEADER);
        early.giveUp();

        assertThat(get(early.frames())).as("no reply").isEmpty();
        assertThat(handled).hasValue(1);
        assertThat(channel.streams()).containsExactly(get(accepted));
    }

    @Test
    void manyResetsOfStreamsThatNeverComeTakeLittleMemory() throws Exception {
        try (RawClient client = new RawClient()) {
            RawConnection connection = client.connect(
                    network.coordinator().localAddress(),
                    Trust.pinned(network.coordinator().config().identity().fingerprint()),
                    Identity.generate(new ClientId("chatty")));
            RawStream control = connection.register("chatty");
            RawStream last = connection.openStream().frame(HEADER);
            ConecStream stream = get(accepted);
            long before = usedAfterCollection();

            String endless = "x".repeat(60_000);
            for (int i = 1; i <= 500; i++) {
                control.frame(reset(last.id() + 4L * i, endless));
            }
            control.frame(reset(last.id(), ""));
            get(stream.closed());

            eventually(() -> assertThat(usedAfterCollection() - before).isLessThan(500 * 60_000 / 2));
        }
    }

    private static Control reset(long stream, String message) {
        return Control.newBuilder()
                .setStreamReset(StreamReset.newBuilder()
                        .setStream(stream)
                        .setCode((int) ErrorCode.CANCELLED.code())
                        .setMessage(message))
                .build();
    }

    private static long usedAfterCollection() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    @Test
    void aResetMayComeAfterTheStreamsLastData() {
        RawPeer.Raw raw = peer.open();
        raw.send(HEADER);
        ConecStream stream = get(accepted);
        CompletableFuture<?> read = stream.receiveAsync();
        get(stream.finish());
        raw.giveUp();
        get(raw.frames());

        peer.reset(raw.id(), ErrorCode.HANDLER_FAILED, false);

        assertThat(failureOf(read).code()).isEqualTo(ErrorCode.HANDLER_FAILED);
        assertThat(get(stream.closed())).isEqualTo(ErrorCode.HANDLER_FAILED);
    }

    @Test
    void aStreamThatWasGivenUpWithoutAWordTimesOut() {
        RawPeer.Raw raw = peer.open();
        raw.send(HEADER);
        ConecStream stream = get(accepted);
        CompletableFuture<?> read = stream.receiveAsync();

        raw.giveUp();

        ConecException failure = failureOf(read);
        assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(failure).hasMessageContaining("given up").hasMessageContaining("500 ms");
        assertThat(get(stream.closed())).isEqualTo(ErrorCode.TIMEOUT);
        eventually(() -> assertThat(channel.streams()).isEmpty());
    }

    @Test
    void aStreamWithoutAHeaderTimesOut() {
        RawPeer.Raw raw = peer.open();
        raw.send(StreamHeader.newBuilder().build());
        assertThat(get(raw.frames())).hasSize(1);
        RawPeer.Raw silent = peer.open();
        silent.giveUp();
        assertThat(get(silent.frames())).isEmpty();
        assertThat(handled).hasValue(0);
    }

    @Test
    void stoppingToReceiveMayOvertakeTheAcceptance() throws Exception {
        CompletableFuture<ConecStream> opening = channel.openStream("x");
        RawPeer.Raw raw = peer.accept();
        peer.reset(raw.id(), ErrorCode.NOT_READING, true);
        // The answer to this shows that the reset has arrived.
        RawPeer.Raw later = peer.open();
        later.send(HEADER);
        get(accepted);
        peer.reset(later.id(), ErrorCode.CANCELLED, false);
        get(get(accepted).closed());

        raw.send(StreamReply.getDefaultInstance());
        raw.send(StreamReply.newBuilder().setMessage("a message").build());
        raw.finish();

        ConecStream stream = get(opening);
        assertThat(failureOf(stream.send("unwanted")).code()).isEqualTo(ErrorCode.NOT_READING);
        assertThat(stream.receive().orElseThrow().text()).contains("a message");
        assertThat(stream.receive()).isEmpty();
        assertThat(get(stream.closed())).isEqualTo(ErrorCode.NOT_READING);
    }

    @Test
    void aResetOfAStreamThatNobodyKnowsHarmsNothing() {
        for (long id = 0; id < 5_000; id++) {
            peer.reset(id + 40, ErrorCode.CANCELLED, id % 2 == 0);
        }
        RawPeer.Raw raw = peer.open();
        raw.send(HEADER);
        assertThat(get(accepted).id()).isEqualTo(raw.id());
    }
}
