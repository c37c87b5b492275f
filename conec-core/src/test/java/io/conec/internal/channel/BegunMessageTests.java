package io.conec.internal.channel;

import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.internal.protocol.StreamHeader;
import io.conec.internal.protocol.StreamReply;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.Network;
import io.conec.testing.RawClient;
import io.conec.testing.RawConnection;
import io.conec.testing.RawStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A reader that sleeps is woken a moment later if a further message has begun to arrive, even one that never comes whole. */
final class BegunMessageTests {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** "one", and of a message of 49 bytes the first two. */
    private static final byte[] WHOLE_AND_BEGUN = {4, 'o', 'n', 'e', 50, 'x', 'y'};

    private static final byte[] ONE = {'o', 'n', 'e'};

    private Network network;
    private RawClient client;
    private RawConnection connection;
    private RawStream raw;
    private ConecStream stream;

    @BeforeEach
    void start() throws Exception {
        network = Network.start(transport -> transport);
        client = new RawClient();
        connection = client.connect(
                network.coordinator().localAddress(),
                Trust.pinned(network.coordinator().config().identity().fingerprint()),
                Identity.generate(new ClientId("raw")));
        connection.register("raw");
        CompletableFuture<ConecStream> accepted = new CompletableFuture<>();
        network.coordinator().onStream("s", accepted::complete);
        raw = connection
                .openStream()
                .frame(StreamHeader.newBuilder().setName("s").build());
        assertThat(StreamReply.parseFrom(raw.next()).getCode()).isZero();
        stream = get(accepted);
    }

    @AfterEach
    void close() {
        client.close();
        network.close();
    }

    @Test
    void aThreadThatWaitsReadsTheWholeOne() {
        CompletableFuture<Optional<ConecMessage>> read = new CompletableFuture<>();
        Thread reader = new Thread(() -> read.complete(receive(stream)));
        reader.start();
        await().until(() -> reader.getState() == Thread.State.TIMED_WAITING);
        raw.write(WHOLE_AND_BEGUN);

        assertThat(get(read).orElseThrow().bytes()).isEqualTo(ONE);
    }

    @Test
    void anAsynchronousReadGetsTheWholeOne() {
        CompletableFuture<Optional<ConecMessage>> read = stream.receiveAsync();
        raw.write(WHOLE_AND_BEGUN);

        assertThat(get(read).orElseThrow().bytes()).isEqualTo(ONE);
    }

    @Test
    void aSubscriberGetsTheWholeOne() {
        CompletableFuture<ConecMessage> first = new CompletableFuture<>();
        stream.messages().subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(1);
            }

            @Override
            public void onNext(ConecMessage message) {
                first.complete(message);
            }

            @Override
            public void onError(Throwable cause) {
                first.completeExceptionally(cause);
            }

            @Override
            public void onComplete() {}
        });
        raw.write(WHOLE_AND_BEGUN);

        assertThat(get(first).bytes()).isEqualTo(ONE);
    }

    @Test
    void theWholeOneComesBeforeTheFailureOfTheOther() {
        CompletableFuture<Optional<ConecMessage>> read = stream.receiveAsync();
        raw.write(WHOLE_AND_BEGUN);
        client.close();

        assertThat(get(read).orElseThrow().bytes()).isEqualTo(ONE);
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> stream.receive(PATIENCE))
                .satisfies(failure -> assertThat(failure.code()).isNotEqualTo(ErrorCode.TIMEOUT));
    }

    private static Optional<ConecMessage> receive(ConecStream from) {
        try {
            return from.receive(PATIENCE);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
