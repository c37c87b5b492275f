package io.conec.coordinator;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ClientId;
import io.conec.internal.protocol.ChannelAnswer;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.IntroductionReply;
import io.conec.internal.protocol.OpenChannel;
import io.conec.internal.protocol.RelayPacket;
import io.conec.internal.transport.DatagramSender;
import io.conec.internal.transport.PacketCounts;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.Network;
import io.conec.testing.RawClient;
import io.conec.testing.RawStream;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the relay makes of packets. */
final class RelayTests {
    private static final int LARGEST = Relay.MAX_PACKET_BYTES - RelayPacket.HEADER_BYTES;

    /** 65,535, the IP packet's limit, less the headers of IP and UDP. Netty does not check. */
    @Test
    void handsTheKernelNoMoreThanOneCallMayCarry() {
        assertThat(Relay.MAX_SEGMENTS).isLessThanOrEqualTo(32);
        assertThat(Relay.MAX_SEGMENTS * Relay.MAX_PACKET_BYTES).isLessThanOrEqualTo(65_507);
    }

    /** Packets that leave in one call have one size, but for the last. */
    @ParameterizedTest
    @CsvSource({"true, 0", "true, 1", "true, 3", "false, 0", "false, 1"})
    void forwardsEachPacketOfABurstWholeAndInOrder(boolean nativeTransport, int relayThreads) throws Exception {
        try (Network network = Network.start(
                        transport -> transport.nativeTransport(nativeTransport),
                        coordinator -> coordinator.relayThreads(relayThreads));
                RawClient sender = new RawClient();
                RawClient receiver = new RawClient()) {
            long handle = introduce(register(network, sender, "sender"), register(network, receiver, "receiver"));
            for (int[] sizes : new int[][] {
                repeated(LARGEST, 50),
                {LARGEST, LARGEST, 700, LARGEST, LARGEST, 1, 1, 1, 1_200, 1_200, 1_199, 1_200, 0, LARGEST},
                IntStream.range(0, 60).map(i -> i * 20).toArray(),
                IntStream.range(0, 60).map(i -> 1_200 - i).toArray(),
            }) {
                for (int i = 0; i < sizes.length; i++) {
                    sender.relay(handle, packet(i, sizes[i]));
                }
                for (int i = 0; i < sizes.length; i++) {
                    assertThat(receiver.relayed().poll(10, SECONDS)).isEqualTo(packet(i, sizes[i]));
                }
            }
        }
    }

    /** QUIC adapts to that. Kept, it would wait in memory without end. */
    @Test
    void dropsWhatTheSystemDoesNotTake() throws Exception {
        withRelay((relay, packets) -> {
            Socket socket = new Socket();
            socket.writable = false;
            assertThat(relay.handle(packets.get(), socket)).isFalse();
            relay.batchComplete(socket);
            assertThat(socket.sent).isZero();

            socket.writable = true;
            assertThat(relay.handle(packets.get(), socket)).isTrue();
            relay.batchComplete(socket);
            assertThat(socket.sent).isEqualTo(1);
            assertThat(socket.flushes).isEqualTo(1);
        });
    }

    /** Receivers have something to do while it reads on. */
    @Test
    void doesNotKeepMuchUntilItHasReadAll() throws Exception {
        withRelay((relay, packets) -> {
            Socket socket = new Socket();
            for (int i = 0; i < 2 * Relay.MAX_SEGMENTS + 1; i++) {
                assertThat(relay.handle(packets.get(), socket)).isTrue();
            }
            assertThat(socket.flushes).isEqualTo(1);
            relay.batchComplete(socket);
            assertThat(socket.flushes).isEqualTo(2);
            assertThat(socket.sent).isEqualTo(3);
            relay.batchComplete(socket);
            assertThat(socket.flushes).isEqualTo(2);
        });
    }

    /** Relays on other threads may have got a channel's last packet, which says why it ends. */
    @Test
    void whatHasComeIsStillRelayedAfterTheEnd() throws Exception {
        DefaultEventLoop eventLoop = new DefaultEventLoop();
        try {
            withClient(alice -> {
                RelayTable several = new RelayTable(true, 0);
                several.start(eventLoop);
                several.connect(alice, 1, alice, 2);
                // However long this thread is held up now, nothing is forgotten meanwhile.
                CountDownLatch looked = new CountDownLatch(1);
                eventLoop.execute(() -> awaitUninterruptibly(looked));
                several.disconnect(1, 2);
                try {
                    assertThat(several.leg(1)).isNotNull();
                } finally {
                    looked.countDown();
                }
                await().until(() -> several.leg(1) == null && several.leg(2) == null);

                RelayTable one = new RelayTable(false, 0);
                one.start(eventLoop);
                one.connect(alice, 1, alice, 2);
                one.disconnect(1, 2);
                assertThat(one.leg(1)).isNull();
                assertThat(one.leg(2)).isNull();
            });
        } finally {
            eventLoop.shutdownGracefully(0, 1, SECONDS).awaitUninterruptibly();
        }
    }

    /** A coordinator that has just started does not know yet what there is. */
    @Test
    void nobodyIsNotifiedBeforeTheStart() {
        DefaultEventLoop eventLoop = new DefaultEventLoop();
        try {
            RelayTable table = new RelayTable(false, 0);
            assertThat(table.mayNotify(0)).isFalse();
            table.start(eventLoop);
            assertThat(table.mayNotify(0)).isTrue();
        } finally {
            eventLoop.shutdownGracefully(0, 1, SECONDS).awaitUninterruptibly();
        }
    }

    /** A relay that takes these packets. */
    private static void withRelay(BiConsumer<Relay, Supplier<DatagramPacket>> test) throws Exception {
        withClient(alice -> {
            InetSocketAddress address = await().until(alice::address, Objects::nonNull);
            RelayTable table = new RelayTable(false, 0);
            table.connect(alice, 1, alice, 2);
            test.accept(new Relay(table, new PacketCounts(), () -> 0), () -> {
                ByteBuf bytes = Unpooled.buffer();
                RelayPacket.writeHeader(bytes, RelayPacket.RELAY, 1);
                return new DatagramPacket(bytes.writeZero(LARGEST), address, address);
            });
        });
    }

    private static void withClient(Consumer<ConnectedClient> test) throws Exception {
        Identity key = Identity.generate(new ClientId("alice"));
        try (UnansweredLinks links = new UnansweredLinks(key)) {
            test.accept(new ConnectedClient(
                    new ClientId("alice"),
                    links.link(),
                    key.certificate(),
                    Map.of(),
                    1,
                    CoordinatorConfig.builder(key).build(),
                    0));
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Sends nothing. */
    private static final class Socket implements DatagramSender {
        boolean writable = true;
        int sent;
        int flushes;

        @Override
        public void send(DatagramPacket packet) {
            packet.release();
            sent++;
        }

        @Override
        public void flush() {
            flushes++;
        }

        @Override
        public boolean isWritable() {
            return writable;
        }

        @Override
        public boolean segments() {
            return true;
        }

        @Override
        public ByteBufAllocator allocator() {
            return UnpooledByteBufAllocator.DEFAULT;
        }
    }

    private static int[] repeated(int size, int times) {
        return IntStream.range(0, times).map(i -> size).toArray();
    }

    private static byte[] packet(int number, int size) {
        byte[] packet = new byte[size];
        Arrays.fill(packet, (byte) number);
        return packet;
    }

    private static RawStream register(Network network, RawClient client, String id) throws Exception {
        Trust trust = Trust.pinned(network.coordinator().config().identity().fingerprint());
        return client.connect(network.coordinator().localAddress(), trust, Identity.generate(new ClientId(id)))
                .register(id);
    }

    /** Gives the asker's handle. */
    private static long introduce(RawStream asker, RawStream asked) throws Exception {
        asker.frame(Control.newBuilder()
                .setOpenChannel(OpenChannel.newBuilder().setRequest(1).setPeer("receiver"))
                .build());
        long introduction =
                asked.next(Control.KindCase.INTRODUCTION).getIntroduction().getIntroduction();
        asked.frame(Control.newBuilder()
                .setIntroductionReply(IntroductionReply.newBuilder().setIntroduction(introduction))
                .build());
        ChannelAnswer answer = asker.next(Control.KindCase.CHANNEL_ANSWER).getChannelAnswer();
        assertThat(answer.getCode()).isZero();
        return answer.getRelayHandle();
    }
}
