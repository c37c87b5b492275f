package io.conec.coordinator;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ClientId;
import io.conec.internal.protocol.ChannelAnswer;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.IntroductionReply;
import io.conec.internal.protocol.OpenChannel;
import io.conec.internal.protocol.RelayPacket;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.Network;
import io.conec.testing.RawClient;
import io.conec.testing.RawStream;
import java.util.Arrays;
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
