package io.conec.benchmarks.system;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.rsocket.Payload;
import io.rsocket.RSocket;
import io.rsocket.SocketAcceptor;
import io.rsocket.core.RSocketConnector;
import io.rsocket.core.RSocketServer;
import io.rsocket.frame.decoder.PayloadDecoder;
import io.rsocket.transport.netty.client.TcpClientTransport;
import io.rsocket.transport.netty.server.CloseableChannel;
import io.rsocket.transport.netty.server.TcpServerTransport;
import io.rsocket.util.ByteBufPayload;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/** RSocket over TCP with TLS by BoringSSL: a stream is a request-channel, a request a request-response. */
final class RSocketSystem implements BenchSystem {
    /** Where the application's code runs for a request and its answer. */
    enum Handling {
        EVENT_LOOP,
        /** On threads that may block, as conec's does. */
        BOUNDED_ELASTIC
    }

    private static final String ADDRESS = "rsocket-address";
    private static final String PORT = "rsocket-port";

    /** Messages that a receiver asks for in advance. */
    private static final int PREFETCH = 1024;

    private final Handling handling;

    RSocketSystem(Handling handling) {
        this.handling = handling;
    }

    @Override
    public String id() {
        return handling == Handling.EVENT_LOOP ? "rsocket" : "rsocket-threaded";
    }

    @Override
    public String title() {
        return handling == Handling.EVENT_LOOP
                ? "RSocket, TCP, TLS"
                : "RSocket, requests and answers handled on bounded elastic threads";
    }

    @Override
    public Set<Ability> abilities() {
        return handling == Handling.EVENT_LOOP
                ? Set.of(Ability.STREAMS, Ability.ROUND_TRIPS, Ability.REQUESTS)
                : Set.of(Ability.REQUESTS);
    }

    @Override
    public Node receiver(Site site, Service service) throws Exception {
        SslContext tls = SslContextBuilder.forServer(
                        site.certificates().certificate().toFile(),
                        site.certificates().key().toFile())
                .sslProvider(SslProvider.OPENSSL)
                .protocols("TLSv1.3")
                .build();
        CloseableChannel server = RSocketServer.create(SocketAcceptor.with(new Serving(service, handling)))
                .payloadDecoder(PayloadDecoder.ZERO_COPY)
                .bind(TcpServerTransport.create(TcpServer.create()
                        .host(site.address())
                        .port(0)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .secure(spec -> spec.sslContext(tls))))
                .block();
        if (server == null) {
            throw new IllegalStateException("not bound");
        }
        return new Node() {
            @Override
            public Map<String, String> announcement() {
                return Map.of(
                        ADDRESS,
                        site.address(),
                        PORT,
                        Integer.toString(server.address().getPort()));
            }

            @Override
            public void close() {
                server.dispose();
            }
        };
    }

    @Override
    public Sender sender(Site site) throws Exception {
        SslContext tls = SslContextBuilder.forClient()
                .trustManager(site.certificates().certificate().toFile())
                .sslProvider(SslProvider.OPENSSL)
                .protocols("TLSv1.3")
                .build();
        RSocket socket = RSocketConnector.create()
                .payloadDecoder(PayloadDecoder.ZERO_COPY)
                .connect(TcpClientTransport.create(TcpClient.create()
                        .host(site.get(ADDRESS))
                        .port(site.port(PORT))
                        .option(ChannelOption.TCP_NODELAY, true)
                        .secure(spec -> spec.sslContext(tls).serverNames(new SNIHostName(Certificates.HOST)))))
                .block();
        if (socket == null) {
            throw new IllegalStateException("not connected");
        }
        return new Connected(socket, handling);
    }

    private static final class Serving implements RSocket {
        private final Service service;
        private final Handling handling;

        Serving(Service service, Handling handling) {
            this.service = service;
            this.handling = handling;
        }

        @Override
        public Mono<Payload> requestResponse(Payload payload) {
            byte[] request = take(payload);
            if (handling == Handling.EVENT_LOOP) {
                return Mono.just(ByteBufPayload.create(service.answer(request)));
            }
            return Mono.fromSupplier(() -> ByteBufPayload.create(service.answer(request)))
                    .subscribeOn(Schedulers.boundedElastic());
        }

        @Override
        public Flux<Payload> requestChannel(Publisher<Payload> payloads) {
            return outgoing(stream -> receive(payloads, service.accept(stream)));
        }
    }

    private static final class Connected implements Sender {
        private final RSocket socket;
        private final Handling handling;

        Connected(RSocket socket, Handling handling) {
            this.socket = socket;
            this.handling = handling;
        }

        @Override
        public MessageStream open(MessageHandler handler) {
            AtomicReference<MessageStream> stream = new AtomicReference<>();
            // Subscribes at once, and so sets it.
            receive(socket.requestChannel(outgoing(stream::set)), handler);
            return stream.get();
        }

        @Override
        public CompletionStage<byte[]> request(byte[] message) {
            CompletableFuture<byte[]> answer = new CompletableFuture<>();
            Mono<Payload> answers = socket.requestResponse(ByteBufPayload.create(message));
            (handling == Handling.EVENT_LOOP ? answers : answers.publishOn(Schedulers.boundedElastic()))
                    .subscribe(payload -> answer.complete(take(payload)), answer::completeExceptionally);
            return answer;
        }

        @Override
        public void close() {
            socket.dispose();
        }
    }

    /** What one side sends; the stream is given away when the other side subscribes. */
    private static Flux<Payload> outgoing(Consumer<MessageStream> opened) {
        return Flux.create(
                sink -> {
                    Gate gate = new Gate();
                    sink.onRequest(gate::open);
                    opened.accept(message -> {
                        gate.enter();
                        sink.next(ByteBufPayload.create(message));
                    });
                },
                FluxSink.OverflowStrategy.BUFFER);
    }

    private static void receive(Publisher<Payload> payloads, MessageHandler handler) {
        Flux.from(payloads)
                .limitRate(PREFETCH)
                .subscribe(
                        payload -> {
                            ByteBuf data = payload.sliceData();
                            handler.message(data, data.readableBytes());
                            payload.release();
                        },
                        failure -> System.err.println("stream ended: " + failure));
    }

    private static byte[] take(Payload payload) {
        byte[] bytes = new byte[payload.data().readableBytes()];
        payload.sliceData().readBytes(bytes);
        payload.release();
        return bytes;
    }
}
