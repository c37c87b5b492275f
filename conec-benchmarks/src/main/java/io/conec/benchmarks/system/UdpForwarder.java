package io.conec.benchmarks.system;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Forwards datagrams between a server and the one client that last sent something, many in one system call in both directions. */
final class UdpForwarder implements AutoCloseable {
    private static final int SOCKET_BUFFER_BYTES = 4 << 20;
    private static final int GRO_BUFFER_BYTES = 65_536;
    private static final int MAX_SEGMENTS = 32;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Channel socket;

    UdpForwarder(String address, InetSocketAddress server) {
        socket = new Bootstrap()
                .group(group)
                .channel(EpollDatagramChannel.class)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.SO_RCVBUF, SOCKET_BUFFER_BYTES)
                .option(ChannelOption.SO_SNDBUF, SOCKET_BUFFER_BYTES)
                .option(EpollChannelOption.UDP_GRO, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(GRO_BUFFER_BYTES))
                .handler(new Forwarding(server))
                .bind(new InetSocketAddress(address, 0))
                .syncUninterruptibly()
                .channel();
    }

    InetSocketAddress localAddress() {
        return (InetSocketAddress) socket.localAddress();
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Packets of one size for one side leave together; a shorter one may be the last of them. */
    private static final class Forwarding extends ChannelInboundHandlerAdapter {
        private final InetSocketAddress server;
        private @Nullable InetSocketAddress client;
        private final ByteBuf[] batch = new ByteBuf[MAX_SEGMENTS];
        private int batched;
        private @Nullable InetSocketAddress receiver;

        Forwarding(InetSocketAddress server) {
            this.server = server;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            DatagramPacket packet = (DatagramPacket) msg;
            InetSocketAddress to = server;
            if (packet.sender().equals(server)) {
                to = client;
            } else {
                client = packet.sender();
            }
            if (to == null) {
                packet.release();
                return;
            }
            int bytes = packet.content().readableBytes();
            boolean fits = batched > 0
                    && batched < MAX_SEGMENTS
                    && to.equals(receiver)
                    && bytes <= batch[0].readableBytes()
                    && batch[batched - 1].readableBytes() == batch[0].readableBytes();
            if (!fits) {
                send(ctx);
            }
            receiver = to;
            batch[batched++] = packet.content();
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            send(ctx);
            ctx.flush();
        }

        private void send(ChannelHandlerContext ctx) {
            InetSocketAddress to = receiver;
            if (batched == 0 || to == null) {
                return;
            }
            if (batched == 1) {
                ctx.write(new DatagramPacket(batch[0], to));
            } else {
                int segment = batch[0].readableBytes();
                CompositeByteBuf together = ctx.alloc().compositeDirectBuffer(batched);
                for (int i = 0; i < batched; i++) {
                    together.addComponent(true, batch[i]);
                }
                ctx.write(new SegmentedDatagramPacket(together, segment, to));
            }
            batched = 0;
        }
    }
}
