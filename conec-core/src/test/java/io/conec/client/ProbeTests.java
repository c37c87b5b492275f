package io.conec.client;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.conec.ClientId;
import io.conec.ConecEvent;
import io.conec.ErrorCode;
import io.conec.internal.protocol.Candidate;
import io.conec.internal.protocol.Candidates;
import io.conec.internal.protocol.ChannelAnswer;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.OpenChannel;
import io.conec.internal.protocol.PeerHello;
import io.conec.internal.protocol.Ping;
import io.conec.internal.protocol.ProbeKey;
import io.conec.internal.protocol.ProbePacket;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.RelayPacket;
import io.conec.internal.protocol.TransportAddress;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.Network;
import io.conec.testing.RawClient;
import io.conec.testing.RawConnection;
import io.conec.testing.RawStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client answers to probes, and what a peer that says what it likes can have it send to others. */
final class ProbeTests {
    private static final int RESPONSES_PER_SECOND = 50;

    @ParameterizedTest(name = "padded: {0}")
    @ValueSource(booleans = {false, true})
    void areAnsweredAtTheSameLengthWithWhereTheyCameFrom(boolean padded) throws Exception {
        try (Network network = Network.start();
                Mallory mallory = new Mallory(network);
                DatagramSocket socket = socket()) {
            mallory.names();
            send(socket, mallory.request(7, false, padded), mallory.alice);

            ProbePacket response = mallory.awaitResponse(socket);
            assertThat(response.transaction()).isEqualTo(7);
            assertThat(response.observed()).isEqualTo(socket.getLocalSocketAddress());
            assertThat(response.padded()).isEqualTo(padded);
        }
    }

    @Test
    void areNotAnsweredWithoutTheKey() throws Exception {
        try (Network network = Network.start();
                Mallory mallory = new Mallory(network);
                DatagramSocket socket = socket()) {
            mallory.names();
            byte[] request = mallory.request(1, false, false);
            for (int changed = 0; changed < ProbePacket.BYTES; changed++) {
                byte[] forged = request.clone();
                forged[changed] ^= 1;
                send(socket, forged, mallory.alice);
                send(socket, Arrays.copyOf(request, changed), mallory.alice);
            }
            send(socket, mallory.request(2, false, false), mallory.alice);

            // In order, on one host: had one of the others been answered, its answer would be here first.
            assertThat(mallory.awaitResponse(socket).transaction()).isEqualTo(2);
        }
    }

    @Test
    void areNotAllAnswered() throws Exception {
        try (Network network = Network.start();
                Mallory mallory = new Mallory(network);
                DatagramSocket socket = socket()) {
            mallory.names();
            long began = System.nanoTime();
            for (int i = 0; i < 2_000; i++) {
                send(socket, mallory.request(i, false, false), mallory.alice);
            }
            List<byte[]> received = receiveUntilQuiet(socket, Duration.ofSeconds(1));

            long seconds = NANOSECONDS.toSeconds(System.nanoTime() - began);
            assertThat(received.stream().filter(each -> each[0] == ProbePacket.RESPONSE))
                    .hasSizeBetween(10, (int) (RESPONSES_PER_SECOND * (seconds + 2)));
            // Each may call for one in the other direction, but not for one each.
            assertThat(received.stream().filter(each -> each[0] == ProbePacket.REQUEST))
                    .hasSizeBetween(1, (int) (30 * (seconds + 2)));
        }
    }

    /** A request that somebody has overheard, or that comes from a borrowed address, has nobody sent more than it is long itself. */
    @Test
    void thatAreRepeatedFromElsewhereHaveNothingOfTheConnectionSentThere() throws Exception {
        try (Network network = Network.start();
                Mallory mallory = new Mallory(network);
                DatagramSocket victim = socket()) {
            mallory.names();
            for (int i = 0; i < 20; i++) {
                send(victim, mallory.request(i, true, false), mallory.alice);
            }

            List<byte[]> received = receiveUntilQuiet(victim, Duration.ofSeconds(1));
            assertThat(received.stream().map(datagram -> datagram.length)).containsOnly(ProbePacket.BYTES);
            assertThat(received.stream().map(datagram -> RelayPacket.isQuic(Unpooled.wrappedBuffer(datagram))))
                    .containsOnly(false);
        }
    }

    @Test
    void areFewHoweverOftenAPeerNamesWhereToSendThem() throws Exception {
        try (Network network = Network.start();
                Mallory mallory = new Mallory(network);
                DatagramSocket victim = socket()) {
            victim.setSoTimeout(5);
            int received = 0;
            int named = 0;
            long began = System.nanoTime();
            while (System.nanoTime() - began < SECONDS.toNanos(3)) {
                mallory.names((InetSocketAddress) victim.getLocalSocketAddress());
                named++;
                received += receive(victim) == null ? 0 : 1;
            }

            assertThat(named).isGreaterThan(100);
            // Four rounds fall into the second after which the next burst may begin.
            assertThat(received).isBetween(4, 4 * 5);
        }
    }

    /** The broadcast address of a network that the client is in; the loopback interface has one too. */
    @ParameterizedTest(name = "native transport: {0}")
    @ValueSource(booleans = {true, false})
    void areNotBroadcast(boolean nativeTransport) throws Exception {
        InetAddress broadcast = InetAddress.getByName("127.255.255.255");
        try (Network network = Network.start(transport -> transport.nativeTransport(nativeTransport));
                Mallory mallory = new Mallory(network);
                DatagramSocket everybody = new DatagramSocket(0);
                DatagramSocket socket = socket()) {
            everybody.setSoTimeout(1_000);
            InetSocketAddress address = new InetSocketAddress(broadcast, everybody.getLocalPort());
            // The Java API asks for SO_BROADCAST.
            send(socket, new byte[] {1}, address);
            assertThat(receive(everybody)).isEqualTo(new byte[] {1});

            mallory.names(address, (InetSocketAddress) socket.getLocalSocketAddress());
            assertThat(receive(socket)).hasSize(ProbePacket.BYTES);
            assertThat(receive(everybody)).isNull();
        }
    }

    @Test
    void aChannelThatMayOnlyBeDirectIsGivenUpWhenNobodyAnswersThem() throws Exception {
        try (Network network = Network.start(transport -> transport.handshakeTimeout(Duration.ofSeconds(2)))) {
            ConecClient alice = network.client("alice", builder -> builder.path(PathPolicy.DIRECT_ONLY));
            List<ConecEvent> events = new CopyOnWriteArrayList<>();
            alice.onEvent(events::add);
            try (Mallory mallory = new Mallory(network)) {
                long began = System.nanoTime();
                RawConnection.Closed closed = mallory.connection.awaitClose();

                assertThat(closed.code()).isEqualTo(ErrorCode.NO_DIRECT_PATH);
                assertThat(closed.reason()).contains("no direct path to \"mallory\" was found in 1600 ms");
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(1));
                assertThat(events).noneMatch(ConecEvent.ChannelOpened.class::isInstance);
            }
        }
    }

    private static DatagramSocket socket() throws IOException {
        DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void send(DatagramSocket from, byte[] datagram, InetSocketAddress to) throws IOException {
        from.send(new DatagramPacket(datagram, datagram.length, to));
    }

    /** The next datagram; null if none comes within the socket's timeout. */
    private static byte @Nullable [] receive(DatagramSocket socket) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[2_000], 2_000);
        try {
            socket.receive(packet);
        } catch (SocketTimeoutException e) {
            return null;
        }
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    private static List<byte[]> receiveUntilQuiet(DatagramSocket socket, Duration quiet) throws IOException {
        socket.setSoTimeout((int) quiet.toMillis());
        List<byte[]> received = new ArrayList<>();
        for (byte[] next = receive(socket); next != null; next = receive(socket)) {
            received.add(next);
        }
        return received;
    }

    /** A registered client with a peer connection to alice, on which it says what it likes. */
    private static final class Mallory implements AutoCloseable {
        final InetSocketAddress alice;
        final RawConnection connection;
        private final RawClient client = new RawClient();
        private final RawStream control;
        private final long id;
        private final ProbeKey key;
        private final byte[] ownKey = new byte[ProbeKey.BYTES];

        Mallory(Network network) throws Exception {
            alice = network.client("alice").localAddress();
            Identity identity = Identity.generate(new ClientId("mallory"));
            RawStream link = client.connect(
                            network.coordinator().localAddress(),
                            Trust.pinned(
                                    network.coordinator().config().identity().fingerprint()),
                            identity)
                    .register("mallory");
            link.frame(Control.newBuilder()
                    .setOpenChannel(OpenChannel.newBuilder().setRequest(1).setPeer("alice"))
                    .build());
            ChannelAnswer answer = link.next(Control.KindCase.CHANNEL_ANSWER).getChannelAnswer();
            connection = client.dialPeer(answer.getRelayHandle(), identity);
            control = connection.openStream();
            control.frame(Control.newBuilder()
                    .setPeerHello(PeerHello.newBuilder().setVersion(Protocol.version()))
                    .build());
            Candidates candidates = control.next(Control.KindCase.CANDIDATES).getCandidates();
            id = candidates.getProbeId();
            key = new ProbeKey(candidates.getProbeKey().toByteArray());
        }

        /** Says where it may be reached, and under which key; returns when alice knows. */
        void names(InetSocketAddress... addresses) throws Exception {
            Candidates.Builder candidates =
                    Candidates.newBuilder().setProbeId(5).setProbeKey(ByteString.copyFrom(ownKey));
            for (InetSocketAddress address : addresses) {
                candidates.addCandidates(Candidate.newBuilder()
                        .setAddress(TransportAddress.bytes(address))
                        .setPort(address.getPort()));
            }
            control.frame(Control.newBuilder().setCandidates(candidates).build());
            control.frame(
                    Control.newBuilder().setPing(Ping.getDefaultInstance()).build());
            control.next(Control.KindCase.PONG);
        }

        byte[] request(long transaction, boolean silent, boolean padded) {
            ByteBuf datagram = new ProbePacket(false, id, transaction, silent, null, padded)
                    .encode(UnpooledByteBufAllocator.DEFAULT, key);
            try {
                return ByteBufUtil.getBytes(datagram);
            } finally {
                datagram.release();
            }
        }

        ProbePacket awaitResponse(DatagramSocket socket) throws IOException {
            while (true) {
                byte[] datagram = Objects.requireNonNull(receive(socket), "no response");
                if (datagram[0] == ProbePacket.RESPONSE) {
                    return Objects.requireNonNull(
                            ProbePacket.decode(Unpooled.wrappedBuffer(datagram), new ProbeKey(ownKey)));
                }
            }
        }

        @Override
        public void close() {
            client.close();
        }
    }
}
