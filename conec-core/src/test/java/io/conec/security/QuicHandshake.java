package io.conec.security;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicClientCodecBuilder;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.ssl.ClientAuth;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * One real handshake over loopback with Netty's QUIC codec, and what the two sides thought of each other's certificate.
 */
final class QuicHandshake {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private QuicHandshake() {}

    /** What a trust manager was shown and how it decided; null stands for acceptance. */
    @SuppressWarnings("ArrayRecordComponent") // as the trust manager got it
    record Verdict(X509Certificate[] chain, @Nullable CertificateException rejection) {}

    /**
     * How each side ended.
     *
     * @param ofServer what the client thought of the server's certificate
     * @param ofClient what the server thought of the client's; not completed if the client gave up first
     * @param established whether the server completed the handshake
     */
    record Outcome(Verdict ofServer, CompletableFuture<Verdict> ofClient, boolean established) {}

    /**
     * @param host what the client believes to connect to, whatever the address
     */
    static Outcome run(Identity server, Trust trustInClient, Identity client, Trust trustInServer, String host)
            throws Exception {
        CompletableFuture<Verdict> ofServer = new CompletableFuture<>();
        CompletableFuture<Verdict> ofClient = new CompletableFuture<>();
        CompletableFuture<Void> serverUp = new CompletableFuture<>();
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            QuicSslContext serverContext = QuicSslContextBuilder.forServer(
                            server.privateKey(), null, server.chain().toArray(X509Certificate[]::new))
                    .clientAuth(ClientAuth.REQUIRE)
                    .trustManager(new Recording(trustInClient.trustManager(), ofClient))
                    .applicationProtocols("test")
                    .build();
            Channel listening = bind(
                    group,
                    new QuicServerCodecBuilder()
                            .sslContext(serverContext)
                            .maxIdleTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                            .handler(new ChannelInboundHandlerAdapter() {
                                @Override
                                public boolean isSharable() {
                                    return true;
                                }

                                @Override
                                public void channelActive(ChannelHandlerContext context) {
                                    serverUp.complete(null);
                                }

                                @Override
                                public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                                    // A refused client; the verdict says why.
                                    context.close();
                                }
                            })
                            .streamHandler(new ChannelInboundHandlerAdapter())
                            .build());
            QuicSslContext clientContext = QuicSslContextBuilder.forClient()
                    .keyManager(client.privateKey(), null, client.chain().toArray(X509Certificate[]::new))
                    .trustManager(new Recording(trustInServer.trustManager(), ofServer))
                    .endpointIdentificationAlgorithm("HTTPS")
                    .applicationProtocols("test")
                    .build();
            InetSocketAddress address = (InetSocketAddress) listening.localAddress();
            Channel dialling = bind(
                    group,
                    new QuicClientCodecBuilder()
                            .sslEngineProvider(quic -> clientContext.newEngine(quic.alloc(), host, address.getPort()))
                            .maxIdleTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                            .build());
            var connected = QuicChannel.newBootstrap(dialling)
                    .handler(new ChannelInboundHandlerAdapter())
                    .streamHandler(new ChannelInboundHandlerAdapter())
                    .remoteAddress(address)
                    .connect();
            Verdict verdict = ofServer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (verdict.rejection() != null) {
                connected.await(PATIENCE.toMillis());
            } else if (ofClient.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).rejection() == null) {
                serverUp.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            return new Outcome(verdict, ofClient, serverUp.isDone());
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(PATIENCE.toMillis());
        }
    }

    private static Channel bind(EventLoopGroup group, ChannelHandler codec) throws Exception {
        return new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .handler(codec)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    /** Asks another trust manager and remembers the answer, which Netty reduces to a number. */
    private static final class Recording extends X509ExtendedTrustManager {
        private final X509ExtendedTrustManager asked;
        private final CompletableFuture<Verdict> verdict;

        Recording(X509ExtendedTrustManager asked, CompletableFuture<Verdict> verdict) {
            this.asked = asked;
            this.verdict = verdict;
        }

        private interface Question {
            void ask() throws CertificateException;
        }

        private void record(X509Certificate[] chain, Question question) throws CertificateException {
            try {
                question.ask();
                verdict.complete(new Verdict(chain, null));
            } catch (CertificateException e) {
                verdict.complete(new Verdict(chain, e));
                throw e;
            } catch (RuntimeException e) {
                verdict.completeExceptionally(e);
                throw e;
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            record(chain, () -> asked.checkClientTrusted(chain, type, engine));
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            record(chain, () -> asked.checkServerTrusted(chain, type, engine));
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return asked.getAcceptedIssuers();
        }
    }
}
