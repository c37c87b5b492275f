package io.conec.internal.transport;

import io.conec.internal.protocol.LinkCheck;
import io.conec.internal.protocol.RelayPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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

/** A client's router between QUIC and the socket, without either: for one packet of a GSO write of 32, and for one that arrived. */
@SuppressWarnings("NullAway.Init") // JMH calls the set-up.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ClientRouterBenchmark {
    private static final int SEGMENTS = 32;
    private static final int SEGMENT_BYTES = 1_200;
    private static final long HANDLE = 4_711;
    private static final byte SHORT_HEADER = 0x40;
    private static final InetSocketAddress COORDINATOR = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1719);
    private static final InetSocketAddress PEER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4000);
    private static final InetSocketAddress SELF = new InetSocketAddress(InetAddress.getLoopbackAddress(), 4001);

    private EmbeddedChannel channel;
    private PeerRoute relayed;
    private PeerRoute direct;
    private ByteBuf outgoing;
    private ByteBuf fromRelay;
    private ByteBuf fromPeer;

    @Setup
    public void prepare() {
        ClientRouter router = new ClientRouter(new PacketCounts(), new NoDatagrams());
        channel = new EmbeddedChannel(new Socket(), router);
        channel.pipeline().addLast(new Codec());
        router.accept(new Codec());
        router.coordinator(COORDINATOR);
        relayed = router.add(HANDLE, true, () -> {});
        direct = router.add(HANDLE + 1, true, () -> {});
        direct.direct(PEER);
        router.admit(direct, PEER);
        outgoing = packets(SEGMENTS * SEGMENT_BYTES);
        fromPeer = packets(SEGMENT_BYTES);
        fromRelay = PooledByteBufAllocator.DEFAULT.directBuffer();
        RelayPacket.writeHeader(fromRelay, RelayPacket.RELAY, HANDLE);
        fromRelay.writeBytes(fromPeer, 0, SEGMENT_BYTES);
    }

    private static ByteBuf packets(int bytes) {
        ByteBuf packets = PooledByteBufAllocator.DEFAULT.directBuffer(bytes).writeZero(bytes);
        packets.setByte(0, SHORT_HEADER);
        return packets;
    }

    @TearDown
    public void release() {
        channel.close();
        outgoing.release();
        fromPeer.release();
        fromRelay.release();
    }

    @Benchmark
    @OperationsPerInvocation(SEGMENTS)
    public void sendRelayed() {
        send(relayed);
    }

    @Benchmark
    @OperationsPerInvocation(SEGMENTS)
    public void sendDirect() {
        send(direct);
    }

    private void send(PeerRoute route) {
        channel.pipeline()
                .lastContext()
                .write(
                        new SegmentedDatagramPacket(
                                outgoing.retainedDuplicate(), SEGMENT_BYTES, route.virtualAddress()),
                        channel.voidPromise());
    }

    @Benchmark
    public void receiveRelayed() {
        channel.pipeline().fireChannelRead(new DatagramPacket(fromRelay.retainedDuplicate(), SELF, COORDINATOR));
    }

    @Benchmark
    public void receiveDirect() {
        channel.pipeline().fireChannelRead(new DatagramPacket(fromPeer.retainedDuplicate(), SELF, PEER));
    }

    /** Takes what leaves. */
    private static final class Socket extends ChannelDuplexHandler {
        @Override
        public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
            ReferenceCountUtil.release(msg);
        }
    }

    /** Takes what arrives. */
    private static final class Codec extends ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            ReferenceCountUtil.release(msg);
        }
    }

    private static final class NoDatagrams implements ClientDatagrams {
        @Override
        public void unknownHandle(long handle) {}

        @Override
        public void linkStatus(LinkCheck status) {}

        @Override
        public void probe(ByteBuf probe, @Nullable InetSocketAddress from) {}
    }
}
