package io.conec.testing;

import com.google.protobuf.ByteString;
import io.conec.CloseReason;
import io.conec.ConecException;
import io.conec.TransportConfig;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.CoordinatorHello;
import io.conec.internal.protocol.FrameDecoder;
import io.conec.internal.protocol.Frames;
import io.conec.internal.protocol.LinkCheck;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.RelayPacket;
import io.conec.internal.transport.Acceptor;
import io.conec.internal.transport.Connection;
import io.conec.internal.transport.DatagramHandler;
import io.conec.internal.transport.DatagramSender;
import io.conec.internal.transport.Endpoint;
import io.conec.internal.transport.EndpointConfig;
import io.conec.internal.transport.PacketCounts;
import io.conec.internal.transport.TransportStream;
import io.conec.internal.transport.Verification;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.netty.buffer.ByteBuf;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.CertificateEncodingException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A coordinator that says what the test wants. It registers everybody, hands all further control messages to the test and relays under the handles that the test made up:
 * {@code handle ^ 1} is the other end of {@code handle}.
 */
public final class LyingCoordinator implements AutoCloseable, Acceptor, DatagramHandler {
    private final Identity identity;
    private final Map<String, Link> links = new ConcurrentHashMap<>();
    private final Map<Long, InetSocketAddress> handles = new ConcurrentHashMap<>();
    private final BiConsumer<Link, Control> answer;
    private final Verification verification = Verification.ofClient(Trust.selfSigned());
    private final Endpoint endpoint;
    private volatile @Nullable InetSocketAddress observed;

    /** What it says: called on the network thread with each control message after the hello. */
    public LyingCoordinator(BiConsumer<Link, Control> answer) {
        this(Identity.generateForHosts(List.of("localhost")), answer);
    }

    /** With a certificate that conec's own coordinator would not start with. */
    public LyingCoordinator(Identity identity, BiConsumer<Link, Control> answer) {
        this.identity = identity;
        this.answer = answer;
        this.endpoint = Endpoint.coordinator(
                new EndpointConfig(
                        "liar",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        identity,
                        false,
                        TransportConfig.DEFAULTS),
                new PacketCounts(),
                this,
                this);
    }

    public InetSocketAddress address() {
        return endpoint.localAddress();
    }

    /** How clients trust it, fools that they are. */
    public Trust trust() {
        return Trust.pinned(identity.fingerprint());
    }

    /** The link of that client, which has registered. */
    public Link link(String client) {
        return Objects.requireNonNull(links.get(client));
    }

    @Override
    public Acceptance accept(InetSocketAddress from) {
        return new Acceptance(verification, Link::new);
    }

    @Override
    public boolean handle(DatagramPacket packet, DatagramSender socket) {
        if (RelayPacket.kind(packet.content()) == LinkCheck.CHECK && observed != null) {
            sendStatus(LinkCheck.handle(packet.content()), packet.sender());
            packet.release();
            return true;
        }
        if (RelayPacket.kind(packet.content()) != RelayPacket.RELAY) {
            return false;
        }
        long handle = RelayPacket.handle(packet.content());
        InetSocketAddress to = handles.get(handle ^ 1);
        if (to == null) {
            return false;
        }
        RelayPacket.replaceHandle(packet.content(), handle ^ 1);
        socket.send(new DatagramPacket(packet.content(), to));
        return true;
    }

    @Override
    public void batchComplete(DatagramSender socket) {
        socket.flush();
    }

    @Override
    public void close() {
        endpoint.close();
    }

    /** From now on says so of clients that check their link. */
    public void observes(InetSocketAddress address) {
        observed = address;
    }

    /** Tells a client where it sees it, though it was not asked. */
    public void sendStatus(long linkHandle, InetSocketAddress to) {
        endpoint.execute(() -> {
            LinkCheck status = new LinkCheck(linkHandle, LinkCheck.Status.KNOWN, observed);
            endpoint.send(new DatagramPacket(status.encodeStatus(endpoint.allocator()), to));
            endpoint.flush();
        });
    }

    /** A certificate as it travels in control messages. */
    public static ByteString der(Identity identity) {
        try {
            return ByteString.copyFrom(identity.certificate().getEncoded());
        } catch (CertificateEncodingException e) {
            throw new AssertionError(e);
        }
    }

    /** The link of one client. */
    public final class Link implements Connection.Listener, TransportStream.Listener, FrameDecoder.Sink {
        private final Connection connection;
        private final FrameDecoder decoder = new FrameDecoder(Protocol.MAX_CONTROL_BYTES, this);
        private @Nullable TransportStream control;
        private volatile String client = "";

        private Link(Connection connection) {
            this.connection = connection;
        }

        public String client() {
            return client;
        }

        /** Sends a control message. Any thread. */
        public void send(Control.Builder message) {
            Control built = message.build();
            connection.execute(() -> {
                TransportStream to = Objects.requireNonNull(control);
                to.write(Frames.of(to.allocator(), built), () -> {}, () -> {});
            });
        }

        /** Relays packets under this handle to the client. */
        public Link owns(long handle) {
            handles.put(handle, Objects.requireNonNull(connection.remoteAddress()));
            return this;
        }

        @Override
        public void frame(byte[] payload) {
            Control message;
            try {
                message = Control.parseFrom(payload);
            } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new AssertionError(e);
            }
            if (message.hasClientHello()) {
                client = message.getClientHello().getClientId();
                links.put(client, this);
                send(Control.newBuilder()
                        .setCoordinatorHello(CoordinatorHello.newBuilder().setVersion(Protocol.version())));
            } else {
                answer.accept(this, message);
            }
        }

        @Override
        public void streamOpened(TransportStream stream) {
            if (stream.id() == 0) {
                control = stream;
                stream.open(this);
                stream.read();
            }
        }

        @Override
        public void data(ByteBuf bytes) {
            try {
                decoder.decode(bytes);
            } catch (ConecException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void readComplete() {
            Objects.requireNonNull(control).read();
        }

        @Override
        public void established() {
            // The client speaks first.
        }

        @Override
        public void closed(CloseReason reason) {
            links.remove(client, this);
        }

        @Override
        public void end() {}

        @Override
        public void fin() {}

        @Override
        public void transportReset(io.conec.ErrorCode code) {}

        @Override
        public void transportClosed() {}
    }
}
