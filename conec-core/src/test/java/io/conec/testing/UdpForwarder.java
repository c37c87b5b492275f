package io.conec.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Stands between clients and their coordinator, as a NAT does, and can go silent, or take its time. */
public final class UdpForwarder implements AutoCloseable {
    private static final InetSocketAddress FREE_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Map<InetSocketAddress, Channel> towardsTarget = new ConcurrentHashMap<>();
    private final InetSocketAddress target;
    private final Channel front;
    private volatile boolean silent;
    private volatile Duration delay = Duration.ZERO;

    public UdpForwarder(InetSocketAddress target) {
        this.target = target;
        this.front = bind(new SimpleChannelInboundHandler<>() {
            @Override
            protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
                Channel back = towardsTarget.get(packet.sender());
                if (back == null) {
                    connect(packet);
                } else {
                    pass(packet, back, UdpForwarder.this.target);
                }
            }
        });
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) front.localAddress();
    }

    /** From now on drops everything, or nothing. */
    public void silent(boolean value) {
        silent = value;
    }

    /** From now on passes everything on so much later. */
    public void delay(Duration value) {
        delay = value;
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private void connect(DatagramPacket first) {
        InetSocketAddress client = first.sender();
        first.retain();
        Bootstrap bootstrap = bootstrap(new SimpleChannelInboundHandler<>() {
            @Override
            protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
                pass(packet, front, client);
            }
        });
        bootstrap.bind(FREE_PORT).addListener(bound -> {
            Channel back = ((io.netty.channel.ChannelFuture) bound).channel();
            towardsTarget.put(client, back);
            pass(first, back, target);
            first.release();
        });
    }

    private void pass(DatagramPacket packet, Channel through, InetSocketAddress to) {
        if (!silent) {
            DatagramPacket copy = new DatagramPacket(packet.content().retain(), to);
            through.eventLoop().schedule(() -> through.writeAndFlush(copy), delay.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private Channel bind(SimpleChannelInboundHandler<DatagramPacket> handler) {
        return bootstrap(handler).bind(FREE_PORT).syncUninterruptibly().channel();
    }

    private Bootstrap bootstrap(SimpleChannelInboundHandler<DatagramPacket> handler) {
        return new Bootstrap().group(group).channel(NioDatagramChannel.class).handler(handler);
    }
}
