package io.conec.internal.transport;

import io.conec.ConecException;
import io.conec.CongestionControl;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
import io.conec.security.Identity;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.quic.EpollQuicUtils;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicChannelOption;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicCodecBuilder;
import io.netty.handler.codec.quic.QuicCongestionControlAlgorithm;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.SegmentedDatagramPacketAllocator;
import io.netty.util.concurrent.Future;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One UDP socket with QUIC over it. A coordinator's accepts connections; a client's dials one to its coordinator and both dials and
 * accepts peer connections.
 */
public final class Endpoint {
    /**
     * Packets handed to the kernel in one call (UDP_SEGMENT). 32 of the largest stay below the 65,507 bytes that one call may carry; Netty does not check.
     */
    static final int GSO_SEGMENTS = 32;

    /**
     * Of every channel here. Netty's default, the adaptive allocator, gives memory back to the system and takes it anew for buffers as large as those of GRO; on JDK 25 each
     * such release stops all threads (it closes a shared {@code Arena}), which cost up to nine tenths of the throughput.
     */
    static final ByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    private final EndpointConfig config;
    private final NetworkThread thread;
    private final PacketCounts counts;
    private final HandshakeTrust trust = new HandshakeTrust();
    private volatile Credentials credentials;
    private final boolean epoll;
    private final SegmentedDatagramPacketAllocator segmentation;
    private final PacketRouter router;
    private final Acceptor acceptor;
    private final RelaySockets relaySockets;
    private @Nullable Channel socket;

    private Endpoint(EndpointConfig config, PacketCounts counts, PacketRouter router, Acceptor acceptor) {
        NativeQuic.require();
        this.config = config;
        this.counts = counts;
        this.router = router;
        this.acceptor = acceptor;
        this.epoll = isEpoll(config);
        this.segmentation = segmentation(epoll);
        this.credentials = prepare(config.identity());
        this.thread =
                router instanceof ClientRouter ? NetworkThread.shared(epoll) : NetworkThread.own(config.name(), epoll);
        this.relaySockets = new RelaySockets(config, counts, this::takeIn);
    }

    /**
     * A coordinator's endpoint.
     *
     * @throws ConecException with {@link ErrorCode#BIND_FAILED} or {@link ErrorCode#UNSUPPORTED_PLATFORM}
     */
    public static Endpoint coordinator(
            EndpointConfig config, PacketCounts counts, Acceptor acceptor, DatagramHandler relay) {
        boolean segments = segmentation(isEpoll(config)).maxNumSegments() > 1;
        Endpoint endpoint = new Endpoint(config, counts, new CoordinatorRouter(counts, relay, segments), acceptor);
        endpoint.bind(endpoint::serverCodec, null);
        return endpoint;
    }

    /**
     * A client's endpoint.
     *
     * @param acceptor for peers; the address that it is asked about is a {@link PeerRoute#virtualAddress()}
     * @param datagrams takes what is not QUIC
     * @throws ConecException with {@link ErrorCode#BIND_FAILED} or {@link ErrorCode#UNSUPPORTED_PLATFORM}
     */
    public static Endpoint client(
            EndpointConfig config, PacketCounts counts, Acceptor acceptor, ClientDatagrams datagrams) {
        Endpoint endpoint = new Endpoint(config, counts, new ClientRouter(counts, datagrams), acceptor);
        endpoint.bind(null, endpoint::clientCodec);
        return endpoint;
    }

    /** What this endpoint proves itself with, if nothing else is said. Any thread. */
    public Credentials credentials() {
        return credentials;
    }

    /** Makes what proves that identity on this endpoint. Any thread. */
    public Credentials prepare(Identity identity) {
        return new Credentials(identity, trust);
    }

    /** New connections are shown this from now on. Any thread. */
    public void use(Credentials value) {
        credentials = value;
    }

    /** Whether the calling thread is a network thread, of whatever endpoint, which may not wait for one. */
    public static boolean isOnNetworkThread() {
        return NetworkThread.isCurrent();
    }

    NetworkThread thread() {
        return thread;
    }

    public EventLoop eventLoop() {
        return thread.eventLoop();
    }

    /** Sends a datagram past QUIC, and releases it; it leaves with the next {@link #flush}. On the event loop. */
    public void send(DatagramPacket packet) {
        router.context().write(packet);
    }

    /** Hands what was sent to the kernel. On the event loop. */
    public void flush() {
        router.context().flush();
    }

    /** Runs the task on the event loop, soon. Returns false when the endpoint has been closed, and the task never runs. */
    public boolean execute(Runnable task) {
        return thread.execute(task);
    }

    /**
     * Opens a further socket on the port, with a thread, for each of these: from now on they get the datagrams to relay. Without effect unless the transport is Linux's native one. Once, and not on
     * the event loop.
     */
    public void relayOn(List<? extends DatagramHandler> relays) {
        if (epoll && !relays.isEmpty()) {
            relaySockets.open(socket(), segments(), relays);
        }
    }

    /** Runs the task on the event loop and waits for it. Not on the event loop. */
    public void executeAndWait(Runnable task) {
        eventLoop().submit(task).awaitUninterruptibly();
    }

    public InetSocketAddress localAddress() {
        return (InetSocketAddress) socket().localAddress();
    }

    /** For what goes into {@link #send}. */
    public ByteBufAllocator allocator() {
        return ALLOCATOR;
    }

    /** Whether several packets can be sent in one system call. */
    private boolean segments() {
        return segmentation.maxNumSegments() > 1;
    }

    /** This side's address as a packet to that one carries it: the bound one, or that of the interface on the way there. */
    public InetSocketAddress localAddressTowards(InetSocketAddress to) {
        InetSocketAddress bound = localAddress();
        if (!bound.getAddress().isAnyLocalAddress()) {
            return bound;
        }
        // Connecting a UDP socket sends nothing; it asks the routing table.
        try (DatagramSocket probe = new DatagramSocket()) {
            probe.connect(to);
            return new InetSocketAddress(probe.getLocalAddress(), bound.getPort());
        } catch (SocketException | UncheckedIOException e) {
            return bound;
        }
    }

    /** Where the coordinator is; this side's own address before that is known. On the event loop. */
    public InetSocketAddress coordinatorAddress() {
        InetSocketAddress address = clientRouter().coordinator();
        return address != null ? address : localAddress();
    }

    /** From now on packets from this address are taken for the coordinator's. On the event loop. */
    public void coordinatorAddress(InetSocketAddress address) {
        clientRouter().coordinator(address);
    }

    /**
     * A route for a peer connection, through the relay at first. On the event loop.
     *
     * @param firstSend told of the first packet after {@link PeerRoute#watch}
     */
    public PeerRoute addRoute(long relayHandle, boolean dialled, Runnable firstSend) {
        if (!dialled && !router.isAccepting()) {
            // Not before: to make a codec, QUIC reads the system's trust store, which takes longer than the rest of a
            // client's start.
            router.accept(serverCodec());
        }
        return clientRouter().add(relayHandle, dialled, firstSend);
    }

    /** Takes a route away; its packets are dropped from now on. On the event loop. */
    public void removeRoute(PeerRoute route) {
        clientRouter().remove(route);
    }

    /** The coordinator relays the route's packets under another handle now. On the event loop. */
    public void rebindRoute(PeerRoute route, long relayHandle) {
        clientRouter().rebind(route, relayHandle);
    }

    /** The peer of this route has sent an authentic probe from this address: takes its packets from there, unless another peer's go there. On the event loop. */
    public boolean admit(PeerRoute route, InetSocketAddress address) {
        return clientRouter().admit(route, address);
    }

    /** Sends a datagram to the peer past QUIC, straight to that address or, given null, through the relay; releases it. On the event loop. */
    public void sendOn(PeerRoute route, ByteBuf datagram, @Nullable InetSocketAddress to) {
        clientRouter().sendOn(route, datagram, to);
        flush();
    }

    /**
     * Sends once more, over that path, the packet that QUIC sent last; null is the relay. To QUIC that is a packet that the network has duplicated. If the first was lost, its
     * acknowledgement ends QUIC's waiting for a probe timeout, which doubles each time (RFC 9002, section 6.2). On the event loop.
     */
    public void repeatLastPacket(PeerRoute route, @Nullable InetSocketAddress to) {
        clientRouter().repeat(route, to);
        flush();
    }

    /**
     * Dials. On the event loop.
     *
     * @param by what this side proves itself with
     * @param host what the certificate has to name, for the verifier to check by the engine's session; also sent as SNI where it is a host name (RFC 6066, section 3)
     * @param listener hears of the outcome: {@code established}, or {@code closed} with the reason
     */
    public Connection dial(
            InetSocketAddress address,
            String host,
            PeerVerifier verifier,
            Credentials by,
            Function<Connection, Connection.Listener> listener) {
        boolean virtual = VirtualAddress.isVirtual(address);
        Connection connection = new Connection(
                thread, router.batch(), router.acknowledgements(), true, verifier, host, address.getPort());
        connection.listener(listener.apply(connection));
        QuicChannel.newBootstrap(socket())
                .attr(Connection.KEY, connection)
                .attr(Credentials.KEY, by)
                .handler(new Connection.Handler(connection))
                .streamHandler(new Connection.IncomingStreams())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                .option(ChannelOption.ALLOCATOR, ALLOCATOR)
                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, segmentation)
                .localAddress(virtual ? VirtualAddress.LOCAL : localAddress())
                .remoteAddress(address)
                .connect()
                .addListener((Future<QuicChannel> connected) -> {
                    if (!connected.isSuccess()) {
                        connection.dialFailed(connected.cause());
                    }
                });
        return connection;
    }

    /** As {@link #close(Runnable)}, where no connections are left. */
    public void close() {
        close(() -> {});
    }

    /**
     * Closes the socket, and ends the network thread unless other clients have it too, waiting for both; those of further relays before. Not on the event loop.
     *
     * @param first run on the event loop; closes the connections
     */
    public void close(Runnable first) {
        relaySockets.close();
        // There, so that all that follows from it is queued before the thread's end.
        eventLoop()
                .submit(() -> {
                    try {
                        first.run();
                    } finally {
                        socket().close();
                    }
                })
                .awaitUninterruptibly();
        thread.end();
    }

    private void bind(@Nullable Supplier<ChannelHandler> server, @Nullable Supplier<ChannelHandler> client) {
        try {
            socket = bindWith(server == null ? null : server.get(), client == null ? null : client.get());
        } catch (RuntimeException | Error e) {
            thread.end();
            throw e;
        }
    }

    private Channel bindWith(@Nullable ChannelHandler server, @Nullable ChannelHandler client) {
        Bootstrap bootstrap = UdpSocket.on(thread, epoll, segments(), config.transport())
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(router);
                        if (server != null) {
                            router.accept(server);
                        }
                        if (client != null) {
                            channel.pipeline().addLast(client);
                        }
                    }
                });
        return UdpSocket.bind(bootstrap, config.bindAddress());
    }

    /** What another socket on the port was given. Any thread. */
    private void takeIn(List<DatagramPacket> packets, Runnable taken) {
        boolean takes = execute(() -> {
            packets.forEach(socket().pipeline()::fireChannelRead);
            socket().pipeline().fireChannelReadComplete();
            taken.run();
        });
        if (!takes) {
            packets.forEach(DatagramPacket::release);
            taken.run();
        }
    }

    private static boolean isEpoll(EndpointConfig config) {
        return config.transport().nativeTransport() && Epoll.isAvailable();
    }

    private static SegmentedDatagramPacketAllocator segmentation(boolean epoll) {
        return epoll ? EpollQuicUtils.newSegmentedAllocator(GSO_SEGMENTS) : SegmentedDatagramPacketAllocator.NONE;
    }

    private ChannelHandler serverCodec() {
        QuicServerCodecBuilder builder = configure(new QuicServerCodecBuilder())
                // The dialling side opens the control stream too.
                .initialMaxStreamsBidirectional(config.transport().maxStreams() + 1L)
                .sslEngineProvider(channel -> accept(channel))
                .handler(new ChannelInitializer<QuicChannel>() {
                    @Override
                    protected void initChannel(QuicChannel channel) {
                        channel.pipeline()
                                .addLast(new Connection.Handler(
                                        channel.attr(Connection.KEY).get()));
                    }
                })
                .streamHandler(new Connection.IncomingStreams())
                .option(ChannelOption.ALLOCATOR, ALLOCATOR)
                .option(QuicChannelOption.SEGMENTED_DATAGRAM_PACKET_ALLOCATOR, segmentation);
        if (config.statelessRetry()) {
            builder.tokenHandler(new RetryTokens(InstantSource.system(), new SecureRandom()));
        }
        return builder.build();
    }

    private ChannelHandler clientCodec() {
        return configure(new QuicClientCodecBuilder())
                .initialMaxStreamsBidirectional(config.transport().maxStreams())
                .sslEngineProvider(this::dialEngine)
                .build();
    }

    private <B extends QuicCodecBuilder<B>> B configure(B builder) {
        TransportConfig transport = config.transport();
        return builder.congestionControlAlgorithm(algorithm(transport.congestionControl()))
                .initialCongestionWindowPackets(transport.initialWindowPackets())
                .maxIdleTimeout(transport.idleTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .initialMaxData(transport.connectionWindowBytes())
                .initialMaxStreamDataBidirectionalLocal(transport.streamWindowBytes())
                .initialMaxStreamDataBidirectionalRemote(transport.streamWindowBytes())
                .initialMaxStreamsUnidirectional(0)
                .maxSendUdpPayloadSize(EndpointConfig.PAYLOAD_BYTES)
                .maxRecvUdpPayloadSize(EndpointConfig.PAYLOAD_BYTES)
                .activeMigration(true);
    }

    private @Nullable QuicSslEngine accept(QuicChannel channel) {
        InetSocketAddress from = (InetSocketAddress) channel.remoteSocketAddress();
        Acceptor.Acceptance acceptance = from == null ? null : acceptor.accept(from);
        if (acceptance == null) {
            counts.dropped();
            return null;
        }
        Connection connection =
                new Connection(thread, router.batch(), router.acknowledgements(), false, acceptance.verifier(), "", 0);
        channel.attr(Connection.KEY).set(connection);
        connection.listener(acceptance.listener().apply(connection));
        Credentials by = acceptance.credentials() != null ? acceptance.credentials() : credentials;
        return attach(channel, connection, by.serverTls().newEngine(channel.alloc()));
    }

    private QuicSslEngine dialEngine(QuicChannel channel) {
        Connection connection = channel.attr(Connection.KEY).get();
        QuicSslContext tls = channel.attr(Credentials.KEY).get().clientTls();
        QuicSslEngine engine = tls.newEngine(channel.alloc(), connection.peerHost(), connection.peerPort());
        return attach(channel, connection, engine);
    }

    private QuicSslEngine attach(QuicChannel channel, Connection connection, QuicSslEngine engine) {
        trust.expect(engine, connection);
        channel.closeFuture().addListener(closed -> trust.forget(engine));
        connection.channel(channel);
        return engine;
    }

    private Channel socket() {
        if (socket == null) {
            throw new IllegalStateException("not bound");
        }
        return socket;
    }

    private ClientRouter clientRouter() {
        if (router instanceof ClientRouter client) {
            return client;
        }
        throw new IllegalStateException("a coordinator's endpoint has no routes");
    }

    private static QuicCongestionControlAlgorithm algorithm(CongestionControl control) {
        return switch (control) {
            case CUBIC -> QuicCongestionControlAlgorithm.CUBIC;
            case BBR -> QuicCongestionControlAlgorithm.BBR;
            case RENO -> QuicCongestionControlAlgorithm.RENO;
        };
    }
}
