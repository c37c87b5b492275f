package io.conec.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.conec.TransportConfig;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class UdpSocketTests {
    /** Or Netty's QUIC would ask every connection for something to send when the burst has left. */
    @ParameterizedTest(name = "native transport: {0}")
    @ValueSource(booleans = {true, false})
    void whatOneReadBringsToBeRelayedLeavesItWritable(boolean epoll) {
        assumeThat(!epoll || Epoll.isAvailable()).isTrue();
        NetworkThread thread = NetworkThread.own("burst", epoll);
        try {
            Channel socket = UdpSocket.bind(
                    UdpSocket.on(thread, epoll, epoll, TransportConfig.DEFAULTS)
                            .handler(new ChannelInboundHandlerAdapter()),
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            InetSocketAddress itself = (InetSocketAddress) socket.localAddress();
            thread.eventLoop()
                    .submit(() -> {
                        for (int bytes = 0; bytes < SocketReads.BYTES; bytes += 32_768) {
                            socket.write(new DatagramPacket(Unpooled.buffer().writeZero(32_768), itself));
                        }
                    })
                    .syncUninterruptibly();

            assertThat(socket.isWritable()).isTrue();
            socket.close().syncUninterruptibly();
        } finally {
            thread.end();
        }
    }
}
