package io.conec.testing;

import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.RelayPacket;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicClosedChannelException;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A UDP socket that speaks QUIC by Netty's codec and nothing of conec's transport, so that a test says every byte of the protocol itself, right or wrong.
 */
public final class RawClient implements AutoCloseable {
    private static final AttributeKey<QuicSslContext> TLS = AttributeKey.valueOf(RawClient.class, "tls");

    /** What QUIC knows a peer behind the relay by. Nothing is sent there: the relay header goes in front. */
    private static final InetSocketAddress PEER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Wire wire = new Wire();
    private final Channel socket;
    private final List<QuicChannel> connections = new CopyOnWriteArrayList<>();
    private int window = 1 << 20;

    public RawClient() {
        socket = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(wire);
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    /** QUIC's flow control window for each stream and the connection, for the next {@link #connect}. */
    public RawClient window(int bytes) {
        window = bytes;
        return this;
    }

    /** Connects as conec does. */
    public RawConnection connect(InetSocketAddress coordinator, Trust trust, @Nullable Identity identity)
            throws InterruptedException {
        return connect(coordinator, trust, identity, Protocol.ALPN);
    }

    /** Connects with this certificate, or none, and this application protocol. */
    public RawConnection connect(
            InetSocketAddress coordinator, Trust trust, @Nullable Identity identity, String application)
            throws InterruptedException {
        wire.coordinator = coordinator;
        return dial(coordinator, trust, identity, application);
    }

    /** Sends a first packet and takes no notice of the answer: a handshake that stays half-open. */
    public void beginHandshake(InetSocketAddress coordinator, Trust trust) {
        reading(false);
        begin(coordinator, trust, null, Protocol.ALPN, new RawConnection.Handler());
    }

    /** Dials the peer behind a relay handle. One at a time. */
    public RawConnection dialPeer(long handle, Identity identity) throws InterruptedException {
        wire.handle = handle;
        return dial(PEER, Trust.selfSigned(), identity, Protocol.ALPN);
    }

    /** Sends a datagram of these bytes. */
    public void send(byte[] bytes, InetSocketAddress to) {
        wire.context().writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(bytes), to));
    }

    /** Sends a relay packet to the coordinator. */
    public void relay(long handle, byte[] packet) {
        ByteBuf out = Unpooled.buffer();
        RelayPacket.writeHeader(out, RelayPacket.RELAY, handle);
        out.writeBytes(packet);
        InetSocketAddress to = Objects.requireNonNull(wire.coordinator);
        wire.context().writeAndFlush(new DatagramPacket(out, to));
    }

    /** Datagrams that arrived and are neither QUIC nor relayed packets. */
    public BlockingQueue<byte[]> notices() {
        return wire.notices;
    }

    /** What arrived in relay packets, in order. */
    public BlockingQueue<byte[]> relayed() {
        return wire.relayed;
    }

    /** Stops reading the socket, or goes on. */
    public void reading(boolean on) {
        socket.config().setAutoRead(on);
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) socket.localAddress();
    }

    @Override
    public void close() {
        for (QuicChannel connection : connections) {
            connection.close().awaitUninterruptibly();
        }
        socket.close().awaitUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private RawConnection dial(InetSocketAddress to, Trust trust, @Nullable Identity identity, String application)
            throws InterruptedException {
        RawConnection.Handler handler = new RawConnection.Handler();
        Future<QuicChannel> connected =
                begin(to, trust, identity, application, handler).await();
        if (connected.isSuccess()) {
            connections.add(connected.getNow());
        } else if (connected.cause() instanceof QuicClosedChannelException closed && closed.event() != null) {
            handler.closed(closed.event());
        } else {
            throw new AssertionError("not connected", connected.cause());
        }
        return new RawConnection(connected.getNow(), handler);
    }

    private Future<QuicChannel> begin(
            InetSocketAddress to,
            Trust trust,
            @Nullable Identity identity,
            String application,
            RawConnection.Handler handler) {
        QuicSslContextBuilder tls = QuicSslContextBuilder.forClient()
                .trustManager(trust.trustManager())
                .applicationProtocols(application);
        if (identity != null) {
            tls.keyManager(identity.privateKey(), null, identity.chain().toArray(X509Certificate[]::new));
        }
        if (socket.pipeline().get("codec") == null) {
            socket.pipeline()
                    .addLast(
                            "codec",
                            new QuicClientCodecBuilder()
                                    .sslEngineProvider(quic ->
                                            quic.attr(TLS).get().newEngine(quic.alloc(), "localhost", to.getPort()))
                                    .maxIdleTimeout(30, TimeUnit.SECONDS)
                                    .initialMaxData(window)
                                    .initialMaxStreamDataBidirectionalLocal(window)
                                    .initialMaxStreamDataBidirectionalRemote(window)
                                    .initialMaxStreamsBidirectional(10_000)
                                    .maxSendUdpPayloadSize(1_200)
                                    .maxRecvUdpPayloadSize(1_200)
                                    .build());
        }
        return QuicChannel.newBootstrap(socket)
                .attr(TLS, tls.build())
                .handler(handler)
                .streamHandler(RawStream.handler(handler.streams::add))
                .localAddress(address())
                .remoteAddress(to)
                .connect();
    }

    /** Puts the relay header before the packets to a peer and takes it away from those that come. */
    private static final class Wire extends ChannelDuplexHandler {
        final BlockingQueue<byte[]> notices = new LinkedBlockingQueue<>();
        final BlockingQueue<byte[]> relayed = new LinkedBlockingQueue<>();
        volatile @Nullable InetSocketAddress coordinator;
        volatile long handle;
        private volatile @Nullable ChannelHandlerContext context;

        @Override
        public void handlerAdded(ChannelHandlerContext added) {
            context = added;
        }

        ChannelHandlerContext context() {
            return Objects.requireNonNull(context);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            DatagramPacket packet = (DatagramPacket) message;
            ByteBuf content = packet.content();
            if (RelayPacket.isQuic(content)) {
                ctx.fireChannelRead(packet);
            } else if (RelayPacket.kind(content) == RelayPacket.RELAY) {
                content.skipBytes(RelayPacket.HEADER_BYTES);
                relayed.add(ByteBufUtil.getBytes(content));
                ctx.fireChannelRead(new DatagramPacket(content.slice(), packet.recipient(), PEER));
            } else {
                byte[] bytes = new byte[content.readableBytes()];
                content.readBytes(bytes);
                packet.release();
                notices.add(bytes);
            }
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            DatagramPacket packet = (DatagramPacket) message;
            InetSocketAddress to = coordinator;
            if (packet.recipient().equals(PEER) && to != null) {
                ByteBuf out = ctx.alloc().directBuffer();
                RelayPacket.writeHeader(out, RelayPacket.RELAY, handle);
                out.writeBytes(packet.content());
                packet.release();
                ctx.write(new DatagramPacket(out, to), promise);
            } else {
                ctx.write(packet, promise);
            }
        }
    }
}
