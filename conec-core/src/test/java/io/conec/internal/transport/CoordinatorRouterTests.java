package io.conec.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.testing.NoRelay;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** What a relay hears of the socket that it sends on. */
final class CoordinatorRouterTests {
    private static final InetSocketAddress ADDRESS = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    /** A socket whose system takes as many datagrams as it is told. */
    private static final class Socket extends EmbeddedChannel {
        private int takes;

        @Override
        protected void doWrite(ChannelOutboundBuffer out) {
            for (; takes > 0 && !out.isEmpty(); takes--) {
                out.remove();
            }
        }

        /** It takes so many more. */
        void take(int datagrams) {
            takes = datagrams;
            flush();
        }
    }

    private final Socket socket = new Socket();
    private final CoordinatorRouter router = new CoordinatorRouter(new PacketCounts(), new NoRelay(), true);

    CoordinatorRouterTests() {
        socket.pipeline().addLast(router);
    }

    private static DatagramPacket datagram() {
        return new DatagramPacket(Unpooled.buffer().writeZero(100), ADDRESS);
    }

    @Test
    void isNotWritableUntilTheSystemHasTakenWhatTheRelaySent() {
        assertThat(router.isWritable()).isTrue();
        router.send(datagram());
        router.send(datagram());
        assertThat(router.isWritable()).isTrue();

        router.flush();
        assertThat(router.isWritable()).isFalse();
        socket.take(1);
        assertThat(router.isWritable()).isFalse();
        socket.take(1);
        assertThat(router.isWritable()).isTrue();
        socket.close();
    }

    /** QUIC may always have something there. */
    @Test
    void whatQuicSendsIsNoMatter() {
        router.send(datagram());
        router.flush();
        socket.write(datagram());
        assertThat(router.isWritable()).isFalse();

        socket.take(1);
        assertThat(router.isWritable()).isTrue();
        socket.close();
    }

    /** What is sent then is released. */
    @Test
    void aClosedSocketHoldsNobodyUp() {
        router.send(datagram());
        router.flush();
        socket.close();

        assertThat(router.isWritable()).isTrue();
    }
}
