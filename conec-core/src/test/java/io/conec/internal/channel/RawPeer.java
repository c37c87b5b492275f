package io.conec.internal.channel;

import static io.conec.testing.Outcomes.get;

import com.google.protobuf.MessageLite;
import io.conec.CloseReason;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
import io.conec.coordinator.ConecCoordinator;
import io.conec.internal.protocol.ClientHello;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.FrameDecoder;
import io.conec.internal.protocol.Frames;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.StreamReset;
import io.conec.internal.transport.Connection;
import io.conec.internal.transport.Endpoint;
import io.conec.internal.transport.EndpointConfig;
import io.conec.internal.transport.PacketCounts;
import io.conec.internal.transport.TransportStream;
import io.conec.internal.transport.Verification;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.NoDatagrams;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/** A registered client that says on its streams whatever a test wants, in an order that packet loss could give. */
final class RawPeer implements AutoCloseable {
    private final Endpoint endpoint;
    private final CompletableFuture<ControlStream> registered = new CompletableFuture<>();
    private final BlockingQueue<Raw> incoming = new LinkedBlockingQueue<>();
    private final String id;
    private final Connection connection;

    RawPeer(String id, ConecCoordinator coordinator) {
        this.id = id;
        EndpointConfig config = new EndpointConfig(
                id,
                new InetSocketAddress(coordinator.localAddress().getAddress(), 0),
                Identity.generate(new io.conec.ClientId(id)),
                false,
                TransportConfig.DEFAULTS);
        endpoint = Endpoint.client(config, new PacketCounts(), from -> null, new NoDatagrams());
        CompletableFuture<Connection> dialled = new CompletableFuture<>();
        endpoint.execute(() -> {
            endpoint.coordinatorAddress(coordinator.localAddress());
            Trust trust = Trust.pinned(coordinator.config().identity().fingerprint());
            dialled.complete(endpoint.dial(
                    coordinator.localAddress(),
                    coordinator.name(),
                    Verification.ofCoordinator(trust, coordinator.name()),
                    endpoint.credentials(),
                    connecting -> listener(connecting)));
        });
        connection = get(dialled);
        get(registered);
    }

    /** Opens a stream, on which nothing has been said yet. */
    Raw open() {
        CompletableFuture<Raw> opened = new CompletableFuture<>();
        connection.execute(() ->
                connection.openStream(transport -> opened.complete(new Raw(transport)), opened::completeExceptionally));
        return get(opened);
    }

    /** Another control stream, over a stream of its own. */
    ControlStream openControl(ControlStream.Handler handler) {
        CompletableFuture<ControlStream> opened = new CompletableFuture<>();
        run(() -> connection.openStream(
                transport -> opened.complete(new ControlStream(transport, handler)), opened::completeExceptionally));
        return get(opened);
    }

    /** Runs the task on the event loop and waits for it. */
    void run(Runnable task) {
        endpoint.executeAndWait(task);
    }

    /** The next stream that the coordinator opens. */
    Raw accept() throws InterruptedException {
        return incoming.take();
    }

    /** Says on the control stream that a stream is reset. */
    void reset(long stream, ErrorCode code, boolean stopSendingOnly) {
        Control reset = Control.newBuilder()
                .setStreamReset(StreamReset.newBuilder()
                        .setStream(stream)
                        .setCode((int) code.code())
                        .setStopSendingOnly(stopSendingOnly))
                .build();
        connection.execute(() -> get(registered).send(reset));
    }

    @Override
    public void close() {
        endpoint.close(() -> connection.close(ErrorCode.NO_ERROR, ""));
    }

    private Connection.Listener listener(Connection connecting) {
        return new Connection.Listener() {
            @Override
            public void established() {
                connecting.openStream(
                        transport -> {
                            ControlStream[] control = new ControlStream[1];
                            control[0] = new ControlStream(transport, new ControlStream.Handler() {
                                @Override
                                public void control(Control message) {
                                    if (message.hasCoordinatorHello()) {
                                        registered.complete(control[0]);
                                    }
                                }

                                @Override
                                public void controlFailed(ErrorCode code, String message) {
                                    throw new AssertionError(code + ": " + message);
                                }
                            });
                            control[0].open();
                            control[0].send(Control.newBuilder()
                                    .setClientHello(ClientHello.newBuilder()
                                            .setVersion(Protocol.version())
                                            .setClientId(id))
                                    .build());
                        },
                        registered::completeExceptionally);
            }

            @Override
            public void streamOpened(TransportStream stream) {
                incoming.add(new Raw(stream));
            }

            @Override
            public void closed(CloseReason reason) {
                registered.completeExceptionally(reason.toException());
            }
        };
    }

    /** One stream. */
    final class Raw implements TransportStream.Listener, FrameDecoder.Sink {
        private final TransportStream transport;
        private final FrameDecoder decoder = new FrameDecoder(Protocol.MAX_CONTROL_BYTES, this);
        private final List<byte[]> frames = new ArrayList<>();
        private final CompletableFuture<List<byte[]>> fin = new CompletableFuture<>();

        Raw(TransportStream transport) {
            this.transport = transport;
            transport.open(this);
            transport.read();
        }

        long id() {
            return transport.id();
        }

        void send(MessageLite message) {
            connection.execute(() -> transport.write(Frames.of(transport.allocator(), message), () -> {}, () -> {}));
        }

        /** With an end mark. */
        void finish() {
            connection.execute(() -> {
                ByteBuf end = transport.allocator().directBuffer(1);
                Frames.writeEnd(end);
                transport.finish(end, () -> {}, () -> {});
            });
        }

        /** Without one. */
        void giveUp() {
            connection.execute(transport::abort);
        }

        /** What came before the other side's FIN. */
        CompletableFuture<List<byte[]>> frames() {
            return fin;
        }

        @Override
        public void data(ByteBuf bytes) {
            decoder.decode(bytes);
        }

        @Override
        public void readComplete() {
            transport.read();
        }

        @Override
        public void frame(byte[] payload) {
            frames.add(payload);
        }

        @Override
        public void end() {}

        @Override
        public void fin() {
            fin.complete(frames);
        }

        @Override
        public void transportReset(ErrorCode code) {
            fin.completeExceptionally(new AssertionError("RESET_STREAM " + code));
        }

        @Override
        public void transportClosed() {}
    }
}
