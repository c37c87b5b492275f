package io.conec.internal.transport;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.InetSocketAddress;

/** UDP sockets as endpoints have them. */
final class UdpSocket {
    /** With UDP_GRO one read delivers up to 64 KiB of packets. */
    private static final int GRO_BUFFER_BYTES = 65_536;

    private static final int DATAGRAM_BUFFER_BYTES = 2_048;

    /**
     * A socket on which more than the second waits is not writable, until it is less than the first: so much waits only if the system's own buffer is full. With Netty's 64 KiB every other
     * segmented packet of a relay made it unwritable and writable again, for which Netty's QUIC asks each connection on it, twice, whether it has something to send.
     */
    private static final WriteBufferWaterMark WRITABLE =
            new WriteBufferWaterMark(2 * SocketReads.BYTES, 4 * SocketReads.BYTES);

    private UdpSocket() {}

    /**
     * One that lacks its handler.
     *
     * @param epoll whether the thread's event loop is Linux's
     * @param segments whether the kernel hands over several packets at a time (GRO)
     */
    static Bootstrap on(NetworkThread thread, boolean epoll, boolean segments, TransportConfig transport) {
        Bootstrap bootstrap = new Bootstrap()
                .group(thread.group())
                .channel(epoll ? EpollDatagramChannel.class : NioDatagramChannel.class)
                .option(ChannelOption.ALLOCATOR, Endpoint.ALLOCATOR)
                .option(ChannelOption.SO_RCVBUF, transport.socketBufferBytes())
                .option(ChannelOption.SO_SNDBUF, transport.socketBufferBytes())
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITABLE)
                .option(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new SocketReads(segments ? GRO_BUFFER_BYTES : DATAGRAM_BUFFER_BYTES));
        return segments ? bootstrap.option(EpollChannelOption.UDP_GRO, true) : bootstrap;
    }

    /** @throws ConecException with {@link ErrorCode#BIND_FAILED} */
    static Channel bind(Bootstrap socket, InetSocketAddress address) {
        ChannelFuture bound = socket.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new ConecException(
                    ErrorCode.BIND_FAILED,
                    "UDP port " + address.getPort() + " at " + address.getHostString() + " cannot be bound: "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        bound.channel().pipeline().addFirst(new SegmentedSends());
        return bound.channel();
    }
}
