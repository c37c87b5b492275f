package io.conec.internal.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
import io.conec.internal.protocol.LinkCheck;
import io.conec.internal.protocol.RelayPacket;
import io.conec.security.Identity;
import io.conec.testing.LogLines;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several sockets on a coordinator's port, and which of them the kernel gives a datagram. */
final class RelaySocketsTests {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    /** What a handler was given. */
    private record Given(int kind, long handle, String thread) {}

    /** Keeps nothing of what it is given. */
    private static final class Handler implements DatagramHandler {
        final BlockingQueue<Given> given = new LinkedBlockingQueue<>();

        private volatile CountDownLatch gate = new CountDownLatch(0);

        @Override
        public boolean handle(DatagramPacket packet, DatagramSender socket) {
            ByteBuf content = packet.content();
            int kind = RelayPacket.kind(content);
            given.add(new Given(
                    kind,
                    kind < 0 ? 0 : RelayPacket.handle(content),
                    Thread.currentThread().getName()));
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return false;
        }

        @Override
        public void batchComplete(DatagramSender socket) {}

        Given next() throws InterruptedException {
            Given next = given.poll(10, SECONDS);
            assertThat(next).isNotNull();
            return next;
        }
    }

    private final List<Handler> handlers = List.of(new Handler(), new Handler(), new Handler());
    private final PacketCounts counts = new PacketCounts();
    private final Endpoint endpoint = open("several", new InetSocketAddress(LOOPBACK, 0), handlers);
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    @AfterEach
    void close() {
        endpoint.close();
        group.shutdownGracefully(0, 2, SECONDS).awaitUninterruptibly();
    }

    private Endpoint open(String name, InetSocketAddress address, List<Handler> relays) {
        return Endpoint.coordinator(config(name, address), counts, from -> null, relays);
    }

    private static EndpointConfig config(String name, InetSocketAddress address) {
        return new EndpointConfig(
                name,
                address,
                Identity.generateForHosts(List.of("localhost")),
                EndpointConfig.LINK_PAYLOAD_BYTES,
                false,
                TransportConfig.DEFAULTS);
    }

    private Channel sender() {
        return new Bootstrap()
                .group(group)
                .channel(EpollDatagramChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .bind(new InetSocketAddress(LOOPBACK, 0))
                .syncUninterruptibly()
                .channel();
    }

    private void send(Channel from, ByteBuf datagram) {
        from.writeAndFlush(new DatagramPacket(datagram, endpoint.localAddress()))
                .syncUninterruptibly();
    }

    private static ByteBuf packet(int kind, long handle) {
        return Unpooled.buffer()
                .writeByte(kind)
                .writeLong(handle)
                .writeZero(LinkCheck.BYTES - RelayPacket.HEADER_BYTES);
    }

    /** From whatever address they come. */
    @Test
    void thoseUnderOneHandleGoToOneThread() throws Exception {
        for (int from = 0; from < 20; from++) {
            Channel sender = sender();
            for (int handle = 0; handle < 10; handle++) {
                send(sender, packet(RelayPacket.RELAY, 0x1234_5600L + handle));
            }
        }

        for (int other = 1; other < handlers.size(); other++) {
            Handler handler = handlers.get(other);
            for (int i = 0; i < 20 * 5; i++) {
                Given given = handler.next();
                assertThat(given.handle() % 2).isEqualTo(other - 1);
                assertThat(given.thread()).contains("several-relay-" + other);
            }
        }
        assertThat(handlers).allSatisfy(handler -> assertThat(handler.given).isEmpty());
        assertThat(counts.droppedPackets()).isEqualTo(200);
    }

    @Test
    void everythingElseGoesToTheFirst() throws Exception {
        Channel sender = sender();
        send(sender, packet(LinkCheck.CHECK, 1));
        send(sender, packet(RelayPacket.UNKNOWN_HANDLE, 2));
        send(sender, packet(0x3f, 3));
        send(sender, Unpooled.buffer().writeByte(RelayPacket.RELAY));

        for (int kind : new int[] {LinkCheck.CHECK, RelayPacket.UNKNOWN_HANDLE, 0x3f, -1}) {
            assertThat(handlers.get(0).next().kind()).isEqualTo(kind);
        }
        assertThat(handlers).allSatisfy(handler -> assertThat(handler.given).isEmpty());
    }

    /** The kernel merges what one sender sends at a time, and goes by the first of it. */
    @Test
    void whatIsNotToBeRelayedGoesOnToTheFirst() throws Exception {
        ByteBuf together =
                Unpooled.directBuffer().writeBytes(packet(RelayPacket.RELAY, 1)).writeBytes(packet(LinkCheck.CHECK, 2));
        ByteBuf quic = packet(0xc0, 3);
        ByteBuf more = packet(LinkCheck.CHECK, 4);
        together.writeBytes(quic).writeBytes(more);
        sender().writeAndFlush(new SegmentedDatagramPacket(together, LinkCheck.BYTES, endpoint.localAddress()))
                .syncUninterruptibly();

        assertThat(handlers.get(2).next().handle()).isEqualTo(1);
        Given check = handlers.get(0).next();
        assertThat(check.handle()).isEqualTo(2);
        assertThat(check.thread()).doesNotContain("relay");
        assertThat(handlers.get(0).next().handle()).isEqualTo(4);
        assertThat(handlers).allSatisfy(handler -> assertThat(handler.given).isEmpty());
    }

    /** Or the packet that says why a channel ends would be lost when the relay forgets the channel. */
    @Test
    void whatIsDoneAfterRelayingIsDoneAfterWhatHasCome() throws Exception {
        Handler relay = handlers.get(2);
        CountDownLatch gate = new CountDownLatch(1);
        relay.gate = gate;
        Channel sender = sender();
        send(sender, packet(RelayPacket.RELAY, 1));
        relay.next();
        send(sender, packet(RelayPacket.RELAY, 3));

        CompletableFuture<List<Given>> after = new CompletableFuture<>();
        endpoint.executeAfterRelayed(5, () -> after.complete(List.copyOf(relay.given)));
        gate.countDown();

        assertThat(after.get(10, SECONDS))
                .singleElement()
                .satisfies(given -> assertThat(given.handle()).isEqualTo(3));
    }

    @Test
    void nobodyElseGetsThePort() {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> open("other", endpoint.localAddress(), List.of(new Handler(), new Handler())))
                .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.BIND_FAILED));
    }

    @Test
    void closingLeavesNoThreadAndThePortFree() {
        Endpoint brief = open("brief", new InetSocketAddress(LOOPBACK, 0), handlers);
        InetSocketAddress address = brief.localAddress();
        assertThat(relayThreads("brief")).hasSize(2);

        brief.close();

        assertThat(relayThreads("brief")).isEmpty();
        open("brief", address, handlers).close();
    }

    @Test
    void oneThreadRelaysIfTheSystemDoesNotLetThemShareThePort() {
        Channel closed = sender();
        closed.close().syncUninterruptibly();
        RelaySockets sockets = new RelaySockets(config("lonely", endpoint.localAddress()), counts, packets -> {});

        try (LogLines log = LogLines.collect()) {
            sockets.open(closed, true, List.of(new Handler()));

            assertThat(log.all()).containsExactly("One thread relays, as the system does not let 2 share the port");
        }
        assertThat(relayThreads("lonely")).isEmpty();
    }

    /** A socket that shares its port with no other. */
    @Test
    void theKernelSaysIfItDoesNotTakeTheProgram() {
        assertThatExceptionOfType(ChannelException.class).isThrownBy(() -> RelaySteering.attach(sender(), 1));
    }

    private static Set<String> relayThreads(String endpoint) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.contains(endpoint + "-relay"))
                .collect(Collectors.toSet());
    }
}
