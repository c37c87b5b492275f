package io.conec.benchmarks.system;

import io.grpc.CallOptions;
import io.grpc.KnownLength;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.CallStreamObserver;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** gRPC with TLS by BoringSSL: a stream is a bidirectional call, a request a unary one. Messages are bytes, so protobuf costs nothing. */
final class GrpcSystem implements BenchSystem {
    private static final String ADDRESS = "grpc-address";
    private static final String PORT = "grpc-port";
    private static final String SERVICE = "Bench";
    /** Messages that a receiver asks for in advance; one at a time, gRPC's default, costs two thread changes a message. */
    private static final int PREFETCH = 1024;

    private static final int MAX_MESSAGE_BYTES = 8 << 20;

    private static final MethodDescriptor<byte[], byte[]> STREAM =
            method("Stream", MethodDescriptor.MethodType.BIDI_STREAMING);
    private static final MethodDescriptor<byte[], byte[]> REQUEST =
            method("Request", MethodDescriptor.MethodType.UNARY);

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodDescriptor.MethodType type) {
        return MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
    }

    @Override
    public String id() {
        return "grpc";
    }

    @Override
    public String title() {
        return "gRPC, TLS";
    }

    @Override
    public Set<Ability> abilities() {
        return Set.of(Ability.STREAMS, Ability.ROUND_TRIPS, Ability.REQUESTS);
    }

    @Override
    public Node receiver(Site site, Service service) throws Exception {
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(site.address(), 0))
                .sslContext(GrpcSslContexts.configure(
                                SslContextBuilder.forServer(
                                        site.certificates().certificate().toFile(),
                                        site.certificates().key().toFile()),
                                SslProvider.OPENSSL)
                        .protocols("TLSv1.3")
                        .build())
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .addService(ServerServiceDefinition.builder(SERVICE)
                        .addMethod(STREAM, ServerCalls.asyncBidiStreamingCall(answers -> accept(answers, service)))
                        .addMethod(REQUEST, ServerCalls.asyncUnaryCall((request, answer) -> {
                            answer.onNext(service.answer(request));
                            answer.onCompleted();
                        }))
                        .build())
                .build()
                .start();
        return new Node() {
            @Override
            public Map<String, String> announcement() {
                return Map.of(ADDRESS, site.address(), PORT, Integer.toString(server.getPort()));
            }

            @Override
            public void close() {
                server.shutdownNow();
            }
        };
    }

    private static StreamObserver<byte[]> accept(StreamObserver<byte[]> answers, Service service) {
        ServerCallStreamObserver<byte[]> observer = (ServerCallStreamObserver<byte[]>) answers;
        // What is received is sent on the call's own thread, on which readiness is told too: it must not wait.
        observer.disableAutoRequest();
        observer.request(PREFETCH);
        return new Incoming(service.accept(observer::onNext), observer);
    }

    @Override
    public Sender sender(Site site) throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        new InetSocketAddress(site.get(ADDRESS), site.port(PORT)))
                .overrideAuthority(Certificates.HOST)
                .sslContext(GrpcSslContexts.configure(
                                SslContextBuilder.forClient()
                                        .trustManager(site.certificates()
                                                .certificate()
                                                .toFile()),
                                SslProvider.OPENSSL)
                        .protocols("TLSv1.3")
                        .build())
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .build();
        return new Connected(channel);
    }

    private static final class Connected implements Sender {
        private final ManagedChannel channel;

        Connected(ManagedChannel channel) {
            this.channel = channel;
        }

        @Override
        public MessageStream open(MessageHandler handler) {
            Responses responses = new Responses(handler);
            ClientCalls.asyncBidiStreamingCall(channel.newCall(STREAM, CallOptions.DEFAULT), responses);
            return responses.outgoing();
        }

        @Override
        public CompletionStage<byte[]> request(byte[] message) {
            CompletableFuture<byte[]> answer = new CompletableFuture<>();
            ClientCalls.asyncUnaryCall(
                    channel.newCall(REQUEST, CallOptions.DEFAULT), message, new StreamObserver<byte[]>() {
                        @Override
                        public void onNext(byte[] value) {
                            answer.complete(value);
                        }

                        @Override
                        public void onError(Throwable failure) {
                            answer.completeExceptionally(failure);
                        }

                        @Override
                        public void onCompleted() {}
                    });
            return answer;
        }

        @Override
        public void close() {
            channel.shutdownNow();
        }
    }

    /** Sends while gRPC takes more, else waits. */
    private static final class Outgoing implements MessageStream {
        private final CallStreamObserver<byte[]> observer;

        Outgoing(CallStreamObserver<byte[]> observer) {
            this.observer = observer;
        }

        synchronized void ready() {
            notifyAll();
        }

        @Override
        public void send(byte[] message) throws InterruptedException {
            if (!observer.isReady()) {
                awaitReady();
            }
            observer.onNext(message);
        }

        private synchronized void awaitReady() throws InterruptedException {
            while (!observer.isReady()) {
                wait();
            }
        }
    }

    private static class Incoming implements StreamObserver<byte[]> {
        private final MessageHandler handler;
        private @Nullable CallStreamObserver<?> source;
        private int taken;

        Incoming(MessageHandler handler, @Nullable CallStreamObserver<?> source) {
            this.handler = handler;
            this.source = source;
        }

        /** Where to ask for more. */
        void source(CallStreamObserver<?> value) {
            source = value;
        }

        @Override
        public void onNext(byte[] message) {
            handler.message(message);
            CallStreamObserver<?> asked = source;
            if (++taken == PREFETCH / 2 && asked != null) {
                taken = 0;
                asked.request(PREFETCH / 2);
            }
        }

        @Override
        public void onError(Throwable failure) {
            System.err.println("stream ended: " + failure);
        }

        @Override
        public void onCompleted() {}
    }

    private static final class Responses extends Incoming implements ClientResponseObserver<byte[], byte[]> {
        private @Nullable Outgoing outgoing;

        Responses(MessageHandler handler) {
            super(handler, null);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<byte[]> observer) {
            Outgoing made = new Outgoing(observer);
            outgoing = made;
            observer.setOnReadyHandler(made::ready);
            observer.disableAutoRequestWithInitial(PREFETCH);
            source(observer);
        }

        MessageStream outgoing() {
            Outgoing made = outgoing;
            if (made == null) {
                throw new IllegalStateException("not started");
            }
            return made;
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new KnownBytes(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                byte[] bytes = new byte[stream.available()];
                int read = stream.readNBytes(bytes, 0, bytes.length);
                if (read < bytes.length) {
                    throw new IOException(read + " bytes of " + bytes.length);
                }
                return bytes;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class KnownBytes extends ByteArrayInputStream implements KnownLength {
        KnownBytes(byte[] bytes) {
            super(bytes);
        }
    }
}
