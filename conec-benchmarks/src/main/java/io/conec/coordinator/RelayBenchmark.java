package io.conec.coordinator;

import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.TransportConfig;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.RelayPacket;
import io.conec.internal.transport.Connections;
import io.conec.internal.transport.DatagramSender;
import io.conec.internal.transport.Endpoint;
import io.conec.internal.transport.EndpointConfig;
import io.conec.internal.transport.PacketCounts;
import io.conec.security.Identity;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The relay's part of forwarding: for one packet of a burst of 32, from the router to the kernel, which sends to a socket that nobody reads. Reading from the network is not in it. */
@SuppressWarnings("NullAway.Init") // JMH calls the set-up.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class RelayBenchmark {
    private static final int BURST = 32;
    private static final int BURSTS = 16;
    private static final int PACKET_BYTES = RelayPacket.HEADER_BYTES + EndpointConfig.PAYLOAD_BYTES;
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final InetSocketAddress OWNER = new InetSocketAddress(LOOPBACK, 4001);

    private DatagramSocket blackHole;
    private Identity identity;
    private Endpoint endpoint;
    private Relay relay;
    private DatagramSender socket;
    private InetSocketAddress self;
    private ByteBuf packet;

    @Setup
    public void prepare() throws Exception {
        blackHole = new DatagramSocket(0, LOOPBACK);
        identity = Identity.generate(new ClientId("bench"));
        RelayTable table = new RelayTable(false, System.nanoTime());
        relay = new Relay(table, new PacketCounts(), System::nanoTime);
        endpoint = Endpoint.coordinator(
                new EndpointConfig(
                        "bench", new InetSocketAddress(LOOPBACK, 0), identity, false, TransportConfig.DEFAULTS),
                new PacketCounts(),
                from -> null,
                relay);
        self = endpoint.localAddress();
        socket = new EndpointSender(endpoint);
        table.connect(
                client("owner", OWNER),
                1,
                client("receiver", new InetSocketAddress(LOOPBACK, blackHole.getLocalPort())),
                2);
        packet = endpoint.allocator().directBuffer(PACKET_BYTES);
        RelayPacket.writeHeader(packet, RelayPacket.RELAY, 1);
        packet.writeZero(EndpointConfig.PAYLOAD_BYTES);
    }

    private ConnectedClient client(String id, InetSocketAddress address) throws Exception {
        ConnectedChannel link = new ConnectedChannel(
                Connections.from(address, endpoint),
                ConecChannel.Kind.PEER,
                new Dispatcher(null, id),
                TransportConfig.builder().handshakeTimeout(Duration.ofDays(1)).build(),
                new Nothing());
        return new ConnectedClient(
                new ClientId(id),
                link,
                identity.certificate(),
                Map.of(),
                1,
                CoordinatorConfig.builder(identity).build(),
                System.nanoTime());
    }

    @TearDown
    public void close() {
        packet.release();
        endpoint.close();
        blackHole.close();
    }

    /** Allocates the datagrams, as reading from the network does. */
    @Benchmark
    @OperationsPerInvocation(BURST * BURSTS)
    public void forward() {
        endpoint.executeAndWait(() -> {
            for (int i = 0; i < BURSTS; i++) {
                for (int k = 0; k < BURST; k++) {
                    RelayPacket.replaceHandle(packet, 1);
                    relay.handle(new DatagramPacket(packet.retainedDuplicate(), self, OWNER), socket);
                }
                relay.batchComplete(socket);
            }
        });
    }

    private record EndpointSender(Endpoint endpoint) implements DatagramSender {
        @Override
        public void send(DatagramPacket packet) {
            endpoint.send(packet);
        }

        @Override
        public void flush() {
            endpoint.flush();
        }

        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public boolean segments() {
            return true;
        }

        @Override
        public ByteBufAllocator allocator() {
            return endpoint.allocator();
        }
    }

    private static final class Nothing implements ConnectedChannel.Role {
        @Override
        public void established(ConnectedChannel channel) {}

        @Override
        public void control(ConnectedChannel channel, Control message) {}

        @Override
        public void closed(ConnectedChannel channel, CloseReason reason) {}
    }
}
