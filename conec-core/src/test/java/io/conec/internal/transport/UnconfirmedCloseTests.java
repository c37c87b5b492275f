package io.conec.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
import io.conec.security.Identity;
import io.conec.testing.NoDatagrams;
import io.conec.testing.NoRelay;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A connection is closed by the side that dialled before its handshake is confirmed. In a thread of its own, as the fault that this is about ends no thread. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class UnconfirmedCloseTests {
    /** What a side hears. */
    private record Heard(CompletableFuture<CloseReason> closed, Runnable onEstablished) implements Connection.Listener {
        @Override
        public void established() {
            onEstablished.run();
        }

        @Override
        public void streamOpened(TransportStream stream) {}

        @Override
        public void closed(CloseReason reason) {
            closed.complete(reason);
        }
    }

    private final CompletableFuture<CloseReason> closedHere = new CompletableFuture<>();
    private volatile boolean confirms = true;
    private final Endpoint acceptor = Endpoint.coordinator(
            config(Identity.generateForHosts(List.of("localhost"))), new PacketCounts(), this::accept, new NoRelay());
    private final Endpoint dialler = Endpoint.client(
            config(Identity.generate(new ClientId("alice"))), new PacketCounts(), from -> null, new NoDatagrams());

    @AfterEach
    void close() {
        dialler.close();
        acceptor.close();
    }

    private static EndpointConfig config(Identity identity) {
        return new EndpointConfig(
                "unconfirmed",
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                identity,
                false,
                TransportConfig.DEFAULTS);
    }

    private static void standStill(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() < end) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }

    private Acceptor.Acceptance accept(InetSocketAddress from) {
        return new Acceptor.Acceptance(
                (chain, authType, engine) -> standStill(confirms ? 0 : 1_000),
                connection -> new Heard(new CompletableFuture<>(), () -> {}));
    }

    /** quiche 0.29.3 then acknowledged for ever, on the dialling side's network thread, if the connection was closed with a code of the application. */
    @Test
    void aProbeTimeoutMayBeDue() {
        // The first handshakes of a JVM are slow, and so would be the probe timeout.
        for (int i = 0; i < 10; i++) {
            CompletableFuture<CloseReason> closed = new CompletableFuture<>();
            dial(connection -> new Heard(closed, () -> connection.close(ErrorCode.NO_ERROR, "a first one")));
            closed.orTimeout(10, TimeUnit.SECONDS).join();
        }
        confirms = false;

        dial(connection -> {
            closeLate(connection);
            return new Heard(closedHere, () -> {});
        });

        assertThat(closedHere.orTimeout(10, TimeUnit.SECONDS).join().code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        CompletableFuture<Void> next = new CompletableFuture<>();
        dialler.execute(() -> next.complete(null));
        next.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private void dial(Function<Connection, Connection.Listener> listener) {
        dialler.execute(() -> {
            dialler.coordinatorAddress(acceptor.localAddress());
            dialler.dial(
                    acceptor.localAddress(),
                    "localhost",
                    (chain, authType, engine) -> {},
                    dialler.credentials(),
                    listener);
        });
    }

    /** When this side has finished its handshake, the probe timeout is over, and its timer had no opportunity to run. */
    private void closeLate(Connection connection) {
        dialler.eventLoop()
                .schedule(
                        () -> {
                            standStill(500);
                            connection.close(ErrorCode.SHUTTING_DOWN, "a test");
                        },
                        50,
                        TimeUnit.MILLISECONDS);
    }
}
