package io.conec.internal.transport;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

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
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Several sockets on a coordinator's port, and which of them the kernel gives a datagram. */
@EnabledOnOs(OS.LINUX)
@SuppressWarnings("NullAway.Init") // Opened before each test.
final class RelaySocketsTests {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final InetSocketAddress FREE_PORT = new InetSocketAddress(LOOPBACK, 0);

    /** What a relay was given. */
    private record Given(long handle, InetSocketAddress sender, String thread) {}

    /** Keeps nothing of what it is given. */
    private static final class Relay implements DatagramHandler {
        final BlockingQueue<Given> given = new LinkedBlockingQueue<>();

        @Override
        public boolean handle(DatagramPacket packet, DatagramSender socket) {
            given.add(new Given(
                    RelayPacket.handle(packet.content()),
                    packet.sender(),
                    Thread.currentThread().getName()));
            return false;
        }

        @Override
        public void batchComplete(DatagramSender socket) {}
    }

    private final List<Relay> relays = List.of(new Relay(), new Relay());
    private final PacketCounts counts = new PacketCounts();
    /** First bytes of what the first socket got from the kernel. */
    private final BlockingQueue<Integer> first = new LinkedBlockingQueue<>();
    /** First bytes of what the others handed over. */
    private final BlockingQueue<Integer> handedOver = new LinkedBlockingQueue<>();
    /** To be run when what was handed over has been taken. */
    private final List<Runnable> untaken = new CopyOnWriteArrayList<>();

    private MultiThreadIoEventLoopGroup group;
    private Channel firstSocket;
    private RelaySockets sockets;

    @BeforeEach
    void open() {
        group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        firstSocket = socket(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                ByteBuf content = ((DatagramPacket) message).content();
                first.add((int) content.getByte(content.readerIndex()));
                ReferenceCountUtil.release(message);
            }
        });
        sockets = new RelaySockets(config("several"), counts, (packets, taken) -> {
            untaken.add(taken);
            for (DatagramPacket packet : packets) {
                handedOver.add((int) packet.content().getByte(packet.content().readerIndex()));
                packet.release();
            }
        });
        sockets.open(firstSocket, true, relays);
    }

    @AfterEach
    void close() {
        sockets.close();
        group.shutdownGracefully(0, 2, SECONDS).awaitUninterruptibly();
    }

    private static EndpointConfig config(String name) {
        return config(name, FREE_PORT);
    }

    private static EndpointConfig config(String name, InetSocketAddress address) {
        return new EndpointConfig(
                name, address, Identity.generateForHosts(List.of("localhost")), false, TransportConfig.DEFAULTS);
    }

    private Channel socket(ChannelInboundHandlerAdapter handler) {
        return new Bootstrap()
                .group(group)
                .channel(EpollDatagramChannel.class)
                .handler(handler)
                .bind(FREE_PORT)
                .syncUninterruptibly()
                .channel();
    }

    private Channel sender() {
        return socket(new ChannelInboundHandlerAdapter());
    }

    private void send(Channel from, ByteBuf datagram) {
        from.writeAndFlush(new DatagramPacket(datagram, (InetSocketAddress) firstSocket.localAddress()))
                .syncUninterruptibly();
    }

    private void sendTogether(Channel from, ByteBuf... packets) {
        sendTogether(from, (InetSocketAddress) firstSocket.localAddress(), packets);
    }

    private static void sendTogether(Channel from, InetSocketAddress to, ByteBuf... packets) {
        ByteBuf together = Unpooled.directBuffer();
        for (ByteBuf packet : packets) {
            together.writeBytes(packet);
        }
        from.writeAndFlush(new SegmentedDatagramPacket(together, LinkCheck.BYTES, to))
                .syncUninterruptibly();
    }

    private static ByteBuf packet(int kind, long handle) {
        return Unpooled.buffer()
                .writeByte(kind)
                .writeLong(handle)
                .writeZero(LinkCheck.BYTES - RelayPacket.HEADER_BYTES);
    }

    @Test
    void allThatASenderHasRelayedGoesToOneThread() throws Exception {
        for (int from = 0; from < 40; from++) {
            Channel sender = sender();
            for (int handle = 0; handle < 5; handle++) {
                send(sender, packet(RelayPacket.RELAY, handle));
            }
        }

        await().untilAsserted(() -> assertThat(counts.droppedPackets()).isEqualTo(200));
        Map<InetSocketAddress, String> threads = new ConcurrentHashMap<>();
        for (int i = 0; i < relays.size(); i++) {
            // Chance leaves one without any once in 2^39 runs.
            assertThat(relays.get(i).given).isNotEmpty();
            for (Given given : relays.get(i).given) {
                assertThat(given.thread()).contains("several-relay-" + (i + 1));
                assertThat(threads.putIfAbsent(given.sender(), given.thread())).isIn(null, given.thread());
            }
        }
        assertThat(threads).hasSize(40);
        assertThat(first).isEmpty();
        assertThat(handedOver).isEmpty();
    }

    /** The last five bytes are too short for a relay packet. */
    @Test
    void everythingElseGoesToTheFirst() {
        Channel sender = sender();
        send(sender, packet(LinkCheck.CHECK, 1));
        send(sender, packet(RelayPacket.UNKNOWN_HANDLE, 2));
        send(sender, packet(0x7f, 3));
        send(sender, Unpooled.buffer().writeByte(RelayPacket.RELAY).writeZero(4));

        await().untilAsserted(() -> assertThat(first).hasSize(4));
        assertThat(first).containsExactly((int) LinkCheck.CHECK, (int) RelayPacket.UNKNOWN_HANDLE, 0x7f, (int)
                RelayPacket.RELAY);
        assertThat(handedOver).isEmpty();
        assertThat(relays).allSatisfy(relay -> assertThat(relay.given).isEmpty());
    }

    /** The kernel merges what one sender sends at a time, and goes by the first of it. */
    @Test
    void whatIsNotToBeRelayedIsHandedOver() {
        sendTogether(
                sender(),
                packet(RelayPacket.RELAY, 1),
                packet(LinkCheck.CHECK, 2),
                packet(0x7f, 3),
                packet(RelayPacket.RELAY, 4));

        await().untilAsserted(() -> assertThat(handedOver).containsExactly((int) LinkCheck.CHECK, 0x7f));
        await().untilAsserted(() -> assertThat(
                        relays.stream().flatMap(relay -> relay.given.stream()).map(Given::handle))
                .containsExactly(1L, 4L));
        assertThat(first).isEmpty();
    }

    /** Who sends it needs no link. */
    @Test
    void noMoreIsHandedOverThanIsTaken() {
        Channel sender = sender();
        ByteBuf[] packets = new ByteBuf[32];
        int sent = 0;
        while (sent < 2 * RelaySockets.MOST_HANDED_OVER) {
            for (int i = 0; i < packets.length; i++) {
                packets[i] = packet(i == 0 ? RelayPacket.RELAY : LinkCheck.CHECK, i);
            }
            sendTogether(sender, packets);
            sent += packets.length - 1;
        }
        int dropped = sent - RelaySockets.MOST_HANDED_OVER;
        int relayed = sent / (packets.length - 1);

        await().untilAsserted(() -> assertThat(counts.droppedPackets()).isEqualTo(dropped + relayed));
        await().untilAsserted(() -> assertThat(handedOver).hasSize(RelaySockets.MOST_HANDED_OVER));

        untaken.forEach(Runnable::run);
        sendTogether(sender, packet(RelayPacket.RELAY, 1), packet(LinkCheck.CHECK, 2));
        await().untilAsserted(() -> assertThat(handedOver).hasSize(RelaySockets.MOST_HANDED_OVER + 1));
    }

    @Test
    void nobodyElseGetsThePort() {
        Endpoint endpoint = Endpoint.coordinator(config("lucky"), counts, from -> null, new Relay());
        endpoint.relayOn(relays);
        try {
            EndpointConfig late = config("late", endpoint.localAddress());
            assertThatExceptionOfType(ConecException.class)
                    .isThrownBy(() -> Endpoint.coordinator(late, counts, from -> null, new Relay()))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.BIND_FAILED));
        } finally {
            endpoint.close();
        }
    }

    /** More than may be on their way at a time. */
    @Test
    void theFirstTakesWhatIsHandedOver() {
        Relay relay = new Relay();
        Endpoint endpoint = Endpoint.coordinator(config("lucky"), counts, from -> null, relay);
        endpoint.relayOn(relays);
        try {
            Channel sender = sender();
            for (int i = 1; i <= RelaySockets.MOST_HANDED_OVER + 1; i++) {
                sendTogether(sender, endpoint.localAddress(), packet(RelayPacket.RELAY, 0), packet(LinkCheck.CHECK, i));
                int sent = i;
                await().pollInterval(Duration.ofMillis(1))
                        .untilAsserted(() -> assertThat(relay.given).hasSize(sent));
            }
            assertThat(relay.given).extracting(Given::thread).allMatch(thread -> !thread.contains("relay"));
        } finally {
            endpoint.close();
        }
    }

    @Test
    void closingLeavesNoThreadAndThePortFree() {
        Endpoint brief = Endpoint.coordinator(config("brief"), counts, from -> null, new Relay());
        brief.relayOn(relays);
        InetSocketAddress address = brief.localAddress();
        assertThat(threads("brief-relay")).hasSize(2);

        brief.close();

        await().untilAsserted(() -> assertThat(threads("brief")).isEmpty());
        Endpoint.coordinator(config("brief", address), counts, from -> null, new Relay())
                .close();
    }

    /** As a sandbox may. Here it is the first socket that does not share its port, being none of Linux's own transport. */
    @Test
    void oneThreadRelaysIfTheSystemDoesNotLetThemShareThePort() {
        MultiThreadIoEventLoopGroup nio = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        List<String> seen = new ArrayList<>();
        try (LogLines log = LogLines.collect()) {
            Channel unshared = new Bootstrap()
                    .group(nio)
                    .channel(NioDatagramChannel.class)
                    .handler(new ChannelInboundHandlerAdapter())
                    .bind(FREE_PORT)
                    .syncUninterruptibly()
                    .channel();
            RelaySockets lonely = new RelaySockets(config("lonely"), counts, (packets, taken) -> {});
            lonely.open(unshared, true, relays);
            seen.addAll(log.all());
            lonely.close();
        } finally {
            nio.shutdownGracefully(0, 2, SECONDS).awaitUninterruptibly();
        }

        assertThat(seen).containsExactly("One thread relays, as the system does not let 3 share the port");
        await().untilAsserted(() -> assertThat(threads("lonely-relay")).isEmpty());
    }

    /** A socket that shares its port with no other. */
    @Test
    void theKernelSaysIfItDoesNotTakeTheProgram() {
        assertThatExceptionOfType(ChannelException.class).isThrownBy(() -> RelaySteering.attach(sender(), 1));
    }

    private static Set<String> threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(each -> each.contains(name))
                .collect(Collectors.toSet());
    }
}
