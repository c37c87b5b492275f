package io.conec.benchmarks.system;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.quic.DefaultQuicStreamFrame;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.handler.codec.quic.QuicStreamType;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Netty's QUIC without anything above it but a length before each message, all on the event loop: the limit for everything made of it. */
class QuicSystem implements BenchSystem {
    static final String ADDRESS = "quic-address";
    static final String PORT = "quic-port";

    /** How many bytes are sent with one flush. */
    enum Sending {
        COALESCED,
        FLUSHED
    }

    /** Which thread takes messages. */
    enum Taking {
        EVENT_LOOP,
        OWN_THREAD
    }

    private final String id;
    private final String title;
    private final Sending sending;
    private final Taking taking;

    QuicSystem(String id, String title, Sending sending) {
        this(id, title, sending, Taking.EVENT_LOOP);
    }

    QuicSystem(String id, String title, Sending sending, Taking taking) {
        this.id = id;
        this.title = title;
        this.sending = sending;
        this.taking = taking;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public Set<Ability> abilities() {
        if (taking == Taking.OWN_THREAD) {
            return Set.of(Ability.ROUND_TRIPS);
        }
        return sending == Sending.COALESCED
                ? Set.of(Ability.STREAMS, Ability.ROUND_TRIPS, Ability.REQUESTS, Ability.CONNECTIONS)
                : Set.of(Ability.STREAMS);
    }

    @Override
    public Node receiver(Site site, Service service) {
        QuicTransport transport = new QuicTransport(site);
        Channel socket = transport.serve(site.address(), new ChannelInitializer<QuicStreamChannel>() {
            @Override
            protected void initChannel(QuicStreamChannel stream) {
                stream.pipeline().addLast(new FramedStream.Reader(serve(stream, service)));
            }
        });
        InetSocketAddress address = (InetSocketAddress) socket.localAddress();
        Map<String, String> announcement = Map.of(ADDRESS, site.address(), PORT, Integer.toString(address.getPort()));
        return new Node() {
            @Override
            public Map<String, String> announcement() {
                return announcement;
            }

            @Override
            public void close() {
                transport.close();
            }
        };
    }

    private MessageHandler serve(QuicStreamChannel stream, Service service) {
        return taker(service.accept(new FramedStream(stream, sending == Sending.COALESCED)));
    }

    private MessageHandler taker(MessageHandler handler) {
        return taking == Taking.OWN_THREAD ? new ThreadedHandler(handler) : handler;
    }

    InetSocketAddress target(Site site) {
        return new InetSocketAddress(site.get(ADDRESS), site.port(PORT));
    }

    @Override
    public Sender sender(Site site) {
        QuicTransport transport = new QuicTransport(site);
        QuicChannel connection = transport
                .connect(transport.client(site.address()), target(site))
                .syncUninterruptibly()
                .getNow();
        return new Connected(transport, connection);
    }

    @Override
    public Connector connector(Site site) {
        QuicTransport transport = new QuicTransport(site);
        return new Connector() {
            // From a socket of its own, as clients on machines of their own would.
            @Override
            public CompletionStage<AutoCloseable> connect(String name) {
                Channel socket = transport.client(site.address());
                CompletableFuture<AutoCloseable> connected = new CompletableFuture<>();
                transport.connect(socket, target(site)).addListener(outcome -> {
                    if (outcome.isSuccess()) {
                        QuicChannel connection = (QuicChannel) outcome.getNow();
                        connected.complete(() -> connection.close().addListener(closed -> socket.close()));
                    } else {
                        socket.close();
                        connected.completeExceptionally(outcome.cause());
                    }
                });
                return connected;
            }

            @Override
            public void close() {
                transport.close();
            }
        };
    }

    private final class Connected implements Sender {
        private final QuicTransport transport;
        private final QuicChannel connection;

        Connected(QuicTransport transport, QuicChannel connection) {
            this.transport = transport;
            this.connection = connection;
        }

        @Override
        public MessageStream open(MessageHandler handler) {
            QuicStreamChannel stream = create(new FramedStream.Reader(taker(handler)))
                    .toCompletableFuture()
                    .join();
            return new FramedStream(stream, sending == Sending.COALESCED);
        }

        private CompletionStage<QuicStreamChannel> create(ChannelHandler handler) {
            CompletableFuture<QuicStreamChannel> created = new CompletableFuture<>();
            connection.createStream(QuicStreamType.BIDIRECTIONAL, handler).addListener(outcome -> {
                if (outcome.isSuccess()) {
                    created.complete((QuicStreamChannel) outcome.getNow());
                } else {
                    created.completeExceptionally(outcome.cause());
                }
            });
            return created;
        }

        @Override
        public CompletionStage<byte[]> request(byte[] message) {
            CompletableFuture<byte[]> answer = new CompletableFuture<>();
            create(new FramedStream.Reader(answer::complete)).thenAccept(stream -> {
                byte[] kind = ServiceKind.REQUEST.bytes();
                ByteBuf frames = stream.alloc().directBuffer(8 + kind.length + message.length);
                frames.writeInt(kind.length).writeBytes(kind);
                frames.writeInt(message.length).writeBytes(message);
                stream.writeAndFlush(new DefaultQuicStreamFrame(frames, true));
            });
            return answer;
        }

        @Override
        public void close() {
            transport.close();
        }
    }
}
