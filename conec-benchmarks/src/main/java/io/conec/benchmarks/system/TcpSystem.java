package io.conec.benchmarks.system;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Netty's TCP with TLS by BoringSSL, a length before each message. A stream is a connection. */
final class TcpSystem implements BenchSystem {
    private static final String ADDRESS = "tcp-address";
    private static final String PORT = "tcp-port";

    @Override
    public String id() {
        return "tcp";
    }

    @Override
    public String title() {
        return "Netty TCP, TLS";
    }

    @Override
    public Set<Ability> abilities() {
        return Set.of(Ability.STREAMS, Ability.ROUND_TRIPS, Ability.CONNECTIONS);
    }

    @Override
    public Node receiver(Site site, Service service) throws Exception {
        OpenSsl.ensureAvailability();
        SslContext tls = SslContextBuilder.forServer(
                        site.certificates().certificate().toFile(),
                        site.certificates().key().toFile())
                .sslProvider(SslProvider.OPENSSL)
                .protocols("TLSv1.3")
                .build();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        Channel socket = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(tls.newHandler(channel.alloc()))
                                .addLast(new FramedStream.Reader(service.accept(new FramedStream(channel, true))));
                    }
                })
                .bind(site.address(), 0)
                .syncUninterruptibly()
                .channel();
        int port = ((InetSocketAddress) socket.localAddress()).getPort();
        return new Node() {
            @Override
            public Map<String, String> announcement() {
                return Map.of(ADDRESS, site.address(), PORT, Integer.toString(port));
            }

            @Override
            public void close() {
                shutDown(group);
            }
        };
    }

    private static void shutDown(EventLoopGroup group) {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Override
    public Sender sender(Site site) throws Exception {
        Client client = new Client(site);
        return new Sender() {
            @Override
            public MessageStream open(MessageHandler handler) {
                return new FramedStream(
                        client.connect(handler).toCompletableFuture().join(), true);
            }

            @Override
            public void close() {
                shutDown(client.group);
            }
        };
    }

    @Override
    public Connector connector(Site site) throws Exception {
        Client client = new Client(site);
        return new Connector() {
            @Override
            public CompletionStage<AutoCloseable> connect(String name) {
                return client.connect(message -> {}).thenApply(channel -> channel::close);
            }

            @Override
            public void close() {
                shutDown(client.group);
            }
        };
    }

    private static final class Client {
        private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        private final SslContext tls;
        private final Site site;

        Client(Site site) throws Exception {
            this.site = site;
            OpenSsl.ensureAvailability();
            tls = SslContextBuilder.forClient()
                    .trustManager(site.certificates().certificate().toFile())
                    .sslProvider(SslProvider.OPENSSL)
                    .protocols("TLSv1.3")
                    .sessionCacheSize(0)
                    .build();
        }

        /** Completes when the handshake is done. */
        CompletionStage<Channel> connect(MessageHandler handler) {
            CompletableFuture<Channel> connected = new CompletableFuture<>();
            new Bootstrap()
                    .group(group)
                    .channel(EpollSocketChannel.class)
                    .option(ChannelOption.TCP_NODELAY, true)
                    .handler(new ChannelInitializer<Channel>() {
                        @Override
                        protected void initChannel(Channel channel) {
                            SslHandler handshake = tls.newHandler(channel.alloc(), Certificates.HOST, 0);
                            handshake.handshakeFuture().addListener(done -> {
                                if (done.isSuccess()) {
                                    connected.complete(channel);
                                } else {
                                    connected.completeExceptionally(done.cause());
                                }
                            });
                            channel.pipeline().addLast(handshake).addLast(new FramedStream.Reader(handler));
                        }
                    })
                    .connect(new InetSocketAddress(site.get(ADDRESS), site.port(PORT)))
                    .addListener(outcome -> {
                        if (!outcome.isSuccess()) {
                            connected.completeExceptionally(outcome.cause());
                        }
                    });
            return connected;
        }
    }
}
