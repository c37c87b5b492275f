package io.conec.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.internal.protocol.RelayPacket;
import io.conec.testing.NoDatagrams;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which way packets go out, and whose they are that come in. */
final class ClientRouterTests {
    private static final InetSocketAddress COORDINATOR = new InetSocketAddress("192.0.2.1", 1719);
    private static final InetSocketAddress SELF = new InetSocketAddress("192.0.2.2", 2);
    private static final InetSocketAddress A = new InetSocketAddress("192.0.2.3", 3);
    private static final InetSocketAddress B = new InetSocketAddress("192.0.2.4", 4);
    private static final int PACKET = EndpointConfig.PAYLOAD_BYTES;

    private final PacketCounts counts = new PacketCounts();
    private final ClientRouter router = new ClientRouter(counts, new NoDatagrams());
    private final List<InetSocketAddress> accepted = new ArrayList<>();
    private final List<InetSocketAddress> dialled = new ArrayList<>();
    private final EmbeddedChannel socket = new EmbeddedChannel();
    private PeerRoute one;
    private PeerRoute other;

    @BeforeEach
    void connect() {
        socket.pipeline().addLast(router).addLast(new Codec(dialled));
        router.accept(new Codec(accepted));
        router.coordinator(COORDINATOR);
        one = router.add(1, true, () -> {});
        other = router.add(2, false, () -> {});
    }

    @AfterEach
    void close() {
        router.remove(one);
        router.remove(other);
        socket.finishAndReleaseAll();
    }

    @Test
    void takesPacketsOnlyFromWhereAPeerHasProvenToBe() {
        arrives(A);
        assertThat(dialled).isEmpty();
        assertThat(counts.droppedPackets()).isEqualTo(1);

        assertThat(router.admit(one, A)).isTrue();
        assertThat(router.admit(other, B)).isTrue();
        arrives(A);
        arrives(B);

        assertThat(dialled).containsExactly(one.virtualAddress());
        assertThat(accepted).containsExactly(other.virtualAddress());
        assertThat(one.receivedDirect()).isEqualTo(1);
    }

    /** Whoever sends from a borrowed address does not get its owner's packets misled. */
    @Test
    void doesNotLetAPeerTakeTheAddressToWhichAnothersPacketsGo() {
        router.admit(one, A);
        one.direct(A);

        assertThat(router.admit(other, A)).isFalse();
        arrives(A);
        assertThat(dialled).containsExactly(one.virtualAddress());

        one.direct(null);
        assertThat(router.admit(other, A)).isTrue();
        arrives(A);
        assertThat(accepted).containsExactly(other.virtualAddress());
    }

    /** An address that another peer has now is not taken from it by the end of an older route. */
    @Test
    void forgetsARouteWithoutTheAddressesThatAreAnothersNow() {
        router.admit(one, A);
        router.admit(other, A);
        router.remove(one);
        arrives(A);

        assertThat(accepted).containsExactly(other.virtualAddress());
    }

    @Test
    void remembersFewAddressesAndTheOneInUseAmongThem() {
        router.admit(one, A);
        one.direct(A);
        for (int port = 1; port <= 100; port++) {
            router.admit(one, new InetSocketAddress("192.0.2.9", port));
        }
        for (int port = 1; port <= 100; port++) {
            arrives(new InetSocketAddress("192.0.2.9", port));
        }
        assertThat(dialled).hasSize(PeerRoute.MAX_ADMITTED - 1);

        arrives(A);
        assertThat(dialled).hasSize(PeerRoute.MAX_ADMITTED);
    }

    /** One system call for many packets (GSO), and QUIC's own buffer. */
    @Test
    void sendsManyPacketsInOneOnADirectPath() {
        one.direct(A);
        ByteBuf packets = Unpooled.directBuffer().writeZero(3 * PACKET + 100);
        socket.writeOutbound(new SegmentedDatagramPacket(packets, PACKET, one.virtualAddress()));

        SegmentedDatagramPacket sent = socket.readOutbound();
        assertThat(sent.recipient()).isEqualTo(A);
        assertThat(sent.segmentSize()).isEqualTo(PACKET);
        assertThat(sent.content()).isSameAs(packets);
        sent.release();
    }

    @Test
    void putsTheHandleBeforeEachOfManyPacketsThroughTheRelay() {
        ByteBuf packets = Unpooled.directBuffer().writeZero(2 * PACKET + 100);
        socket.writeOutbound(new SegmentedDatagramPacket(packets, PACKET, one.virtualAddress()));

        SegmentedDatagramPacket sent = socket.readOutbound();
        assertThat(sent.recipient()).isEqualTo(COORDINATOR);
        assertThat(sent.segmentSize()).isEqualTo(PACKET + RelayPacket.HEADER_BYTES);
        assertThat(sent.content().readableBytes()).isEqualTo(2 * PACKET + 100 + 3 * RelayPacket.HEADER_BYTES);
        while (sent.content().isReadable()) {
            assertThat(RelayPacket.kind(sent.content())).isEqualTo(RelayPacket.RELAY);
            assertThat(RelayPacket.handle(sent.content())).isEqualTo(1);
            sent.content()
                    .skipBytes(Math.min(
                            PACKET + RelayPacket.HEADER_BYTES, sent.content().readableBytes()));
        }
        assertThat(packets.refCnt()).isZero();
        sent.release();
    }

    @Test
    void sendsNothingThroughTheRelayThatIsBarredOnceThereWasADirectPath() {
        one.barRelayOnceDirect();
        send();
        assertThat(recipients()).containsExactly(COORDINATOR);

        one.direct(A);
        send();
        one.direct(null);
        ByteBuf last = send();
        ByteBuf probe = Unpooled.directBuffer().writeZero(60);
        router.sendOn(one, probe, null);

        assertThat(recipients()).containsExactly(A);
        assertThat(last.refCnt()).isZero();
        assertThat(probe.refCnt()).isZero();
    }

    @Test
    void keepsNothingOfARouteThatIsGone() {
        router.admit(one, A);
        one.direct(A);
        send();
        router.remove(one);
        recipients();
        arrives(A);
        ByteBuf late = send();
        router.repeat(one, A);

        assertThat(dialled).isEmpty();
        assertThat(recipients()).isEmpty();
        assertThat(late.refCnt()).isZero();
    }

    private void arrives(InetSocketAddress from) {
        socket.writeInbound(
                new DatagramPacket(Unpooled.directBuffer().writeByte(0x40).writeZero(30), SELF, from));
    }

    private ByteBuf send() {
        ByteBuf packet = Unpooled.directBuffer().writeByte(0x40).writeZero(100);
        socket.writeOutbound(new DatagramPacket(packet, one.virtualAddress()));
        return packet;
    }

    private List<InetSocketAddress> recipients() {
        List<InetSocketAddress> recipients = new ArrayList<>();
        for (DatagramPacket each = socket.readOutbound(); each != null; each = socket.readOutbound()) {
            recipients.add(each.recipient());
            each.release();
        }
        return recipients;
    }

    /** In the place of a QUIC codec. */
    private static final class Codec extends ChannelInboundHandlerAdapter {
        private final List<InetSocketAddress> senders;

        Codec(List<InetSocketAddress> senders) {
            this.senders = senders;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            senders.add(packet.sender());
            packet.release();
        }
    }
}
