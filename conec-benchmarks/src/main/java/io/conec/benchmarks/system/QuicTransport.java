package io.conec.benchmarks.system;

import io.conec.TransportConfig;
import io.conec.internal.transport.EndpointConfig;
import io.conec.internal.transport.SocketReads;
import io.conec.security.Identity;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicCongestionControlAlgorithm;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * Netty's QUIC set up as conec sets it up (conec-core's {@code Endpoint}): the same windows, congestion control, packet size, offloads and socket buffers, mutual TLS,
 * one event loop. It has none of conec's code.
 */
final class QuicTransport implements AutoCloseable {
    private static final TransportConfig SETTINGS = TransportConfig.DEFAULTS;
    private static final String PROTOCOL = "bench";
    private static final int GSO_SEGMENTS = 32;
    private static final int GRO_BUFFER_BYTES = 65_536;

    /** Nobody keeps these connections alive while other systems have their turn. */
    private static final int IDLE_MINUTES = 60;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final SegmentedDatagramPacketAllocator segmentation = EpollQuicUtils.newSegmentedAllocator(GSO_SEGMENTS);
    private final Identity identity;
    private final QuicSslContext clientTls;

    QuicTransport(Site site) {
        identity = site.certificates().identity();
        clientTls = QuicSslContextBuilder.forClient()
                .keyManager(identity.privateKey(), null, identity.certificate())
                .trustManager(identity.certificate())
                .endpointIdentificationAlgorithm("HTTPS")
                .sessionCacheSize(0)
                .applicationProtocols(PROTOCOL)
                .build();
    }

    /** The socket of a server whose streams get that handler. */
    Channel serve(String address, ChannelHandler streams) {
        QuicSslContext tls = QuicSslContextBuilder.forServer(identity.privateKey(), null, identity.certificate())
                .trustManager(identity.certificate())
                .clientAuth(ClientAuth.REQUIRE)
                .applicationProtocols(PROTOCOL)
                .build();
        return bind(
                new InetSocketAddress(address, 0),
                configure(new QuicServerCodecBuilder().sslContext(tls))
                        .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                        .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, segmentation)
                        .handler(new Nothing())
                        .streamHandler(streams)
                        .build());
    }

    /** The socket of clients. */
    Channel client(String address) {
        return bind(
                new InetSocketAddress(address, 0),
                configure(new QuicClientCodecBuilder()
                                .sslEngineProvider(
                                        channel -> clientTls.newEngine(channel.alloc(), Certificates.HOST, 0)))
                        .build());
    }

    Future<QuicChannel> connect(Channel socket, InetSocketAddress address) {
        return QuicChannel.newBootstrap(socket)
                .handler(new Nothing())
                .streamHandler(new Nothing())
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, segmentation)
                .remoteAddress(address)
                .connect();
    }

    private Channel bind(InetSocketAddress address, ChannelHandler codec) {
        return new Bootstrap()
                .group(group)
                .channel(EpollDatagramChannel.class)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.SO_RCVBUF, SETTINGS.socketBufferBytes())
                .option(ChannelOption.SO_SNDBUF, SETTINGS.socketBufferBytes())
                .option(EpollChannelOption.UDP_GRO, true)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new SocketReads(GRO_BUFFER_BYTES))
                .handler(codec)
                .bind(address)
                .syncUninterruptibly()
                .channel();
    }

    private static <B extends QuicCodecBuilder<B>> B configure(B builder) {
        return builder.congestionControlAlgorithm(QuicCongestionControlAlgorithm.valueOf(
                        SETTINGS.congestionControl().name()))
                .initialCongestionWindowPackets(SETTINGS.initialWindowPackets())
                .maxIdleTimeout(IDLE_MINUTES, TimeUnit.MINUTES)
                .initialMaxData(SETTINGS.connectionWindowBytes())
                .initialMaxStreamDataBidirectionalLocal(SETTINGS.streamWindowBytes())
                .initialMaxStreamDataBidirectionalRemote(SETTINGS.streamWindowBytes())
                .initialMaxStreamsBidirectional(SETTINGS.maxStreams())
                .maxSendUdpPayloadSize(EndpointConfig.PAYLOAD_BYTES)
                .maxRecvUdpPayloadSize(EndpointConfig.PAYLOAD_BYTES);
    }

    /** Does nothing, for any number of channels. */
    @ChannelHandler.Sharable
    private static final class Nothing extends ChannelInboundHandlerAdapter {}

    @Override
    public void close() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
