package io.conec.internal.transport;

import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ClientId;
import io.conec.ErrorCode;
import io.conec.client.ClientStatus;
import io.conec.client.ConecClient;
import io.conec.internal.protocol.ChannelAnswer;
import io.conec.internal.protocol.ChannelEnded;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.Introduction;
import io.conec.internal.protocol.IntroductionReply;
import io.conec.internal.protocol.LinkCheck;
import io.conec.internal.protocol.OpenChannel;
import io.conec.internal.protocol.RelayPacket;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.BackgroundPair;
import io.conec.testing.Network;
import io.conec.testing.Outcomes;
import io.conec.testing.RawClient;
import io.conec.testing.RawConnection;
import io.conec.testing.RawStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Datagrams that nobody asked for, and introductions that are somebody else's. */
final class DatagramTests {
    private static final int ETHERNET = 1_500;

    private static Network network;
    private static BackgroundPair pair;

    @BeforeAll
    static void connectTheOthers() {
        network = Network.start();
        pair = BackgroundPair.start(network);
    }

    @AfterAll
    static void disconnectTheOthers() {
        pair.close();
        network.close();
    }

    @AfterEach
    void theOthersAreUndisturbed() {
        pair.assertUndisturbed();
        await().until(() -> network.coordinator().statistics().clients() == 2);
    }

    @Test
    void areDroppedAtTheCoordinatorWhateverTheirLengthAndContent() {
        long before = dropped();
        try (RawClient stranger = new RawClient()) {
            floodWithGarbage(stranger, network.coordinator().localAddress());

            // Those that cannot be QUIC are dropped before it, and counted.
            await().untilAsserted(() -> assertThat(dropped() - before).isGreaterThanOrEqualTo(ETHERNET));
        }
    }

    @Test
    void areDroppedAtAClientWhateverTheirLengthAndContent() {
        try (RawClient stranger = new RawClient()) {
            floodWithGarbage(stranger, loopback(network.client("near").localAddress()));

            pair.assertUndisturbed();
            assertThat(stranger.notices()).isEmpty();
        }
    }

    @Test
    void areNotTakenFromAStrangerWhoClaimsToRelay() {
        try (RawClient stranger = new RawClient()) {
            InetSocketAddress near = loopback(network.client("near").localAddress());
            for (int handle = 0; handle < 1_000; handle++) {
                stranger.send(relayPacket(handle, new byte[100]), near);
                stranger.send(notice(handle), near);
            }

            pair.assertUndisturbed();
            assertThat(network.client("near").status().state()).isEqualTo(ClientStatus.State.CONNECTED);
        }
    }

    @Test
    void withAnUnknownHandleAreAnsweredWithANoticeButNotAllOfThem() throws Exception {
        int sent = 20_000;
        int perSecond = 5_000;
        long before = dropped();
        long began = System.nanoTime();
        try (RawClient stranger = new RawClient()) {
            for (int i = 0; i < sent; i++) {
                stranger.send(
                        relayPacket(7, new byte[20]), network.coordinator().localAddress());
            }

            assertThat(stranger.notices().poll(20, SECONDS)).isEqualTo(notice(7));
            await().until(() -> dropped() - before >= sent / 2);
            long seconds = NANOSECONDS.toSeconds(System.nanoTime() - began);
            assertThat((long) stranger.notices().size()).isLessThanOrEqualTo((seconds + 2) * perSecond);
        }
    }

    @Test
    void underSomebodyElsesHandleOrTooLongAreDropped() throws Exception {
        try (RawClient mallory = new RawClient();
                RawClient stranger = new RawClient();
                ConecClient victim = network.client("victim", builder -> builder)) {
            ChannelAnswer answer = introduce(register(mallory, "mallory"), "victim");
            assertThat(answer.getCode()).isZero();
            long before = dropped();

            stranger.send(
                    relayPacket(answer.getRelayHandle(), new byte[100]),
                    network.coordinator().localAddress());
            await().until(() -> dropped() == before + 1);
            mallory.relay(answer.getRelayHandle(), new byte[ETHERNET]);
            await().until(() -> dropped() == before + 2);
            // As it would be told of a handle that nobody has: it learns nothing.
            assertThat(stranger.notices().poll(10, SECONDS)).isEqualTo(notice(answer.getRelayHandle()));

            // A fair length and its own handle: relayed, and the receiver makes nothing of it.
            for (int length = 0; length < 1_400; length += 7) {
                byte[] garbage = new byte[length];
                new Random(length).nextBytes(garbage);
                mallory.relay(answer.getRelayHandle(), garbage);
            }
            assertThat(Outcomes.get(victim.open("near")).peer()).isEqualTo("near");
            assertThat(victim.status().reconnects()).isZero();
        }
    }

    @Test
    void ofAThirdPartyNeitherAnswerNorEndAnIntroduction() throws Exception {
        try (RawClient mallory = new RawClient();
                RawClient asked = new RawClient();
                RawClient asking = new RawClient()) {
            RawStream malloryControl = register(mallory, "mallory");
            RawStream askedControl = register(asked, "asked");
            RawStream askingControl = register(asking, "asking");
            askingControl.frame(open("asked"));
            Introduction introduction =
                    askedControl.next(Control.KindCase.INTRODUCTION).getIntroduction();
            long id = introduction.getIntroduction();

            malloryControl.frame(reply(id, ErrorCode.NO_ERROR));
            malloryControl.frame(reply(id, ErrorCode.REFUSED));
            malloryControl.frame(ended(id, "by mallory"));
            // Not even the one who asked may answer.
            askingControl.frame(reply(id, ErrorCode.NO_ERROR));
            assertThat(introduce(malloryControl, "nobody").getCode()).isNotZero();
            askedControl.frame(reply(id, ErrorCode.REFUSED));
            ChannelAnswer answer =
                    askingControl.next(Control.KindCase.CHANNEL_ANSWER).getChannelAnswer();
            assertThat(answer.getCode()).isEqualTo((int) ErrorCode.REFUSED.code());

            askingControl.frame(open("asked"));
            long second = askedControl
                    .next(Control.KindCase.INTRODUCTION)
                    .getIntroduction()
                    .getIntroduction();
            askedControl.frame(reply(second, ErrorCode.NO_ERROR));
            assertThat(askingControl
                            .next(Control.KindCase.CHANNEL_ANSWER)
                            .getChannelAnswer()
                            .getIntroduction())
                    .isEqualTo(second);
            malloryControl.frame(ended(second, "by mallory"));
            assertThat(introduce(malloryControl, "nobody").getCode()).isNotZero();
            askedControl.frame(ended(second, "by one of the two"));
            assertThat(askingControl
                            .next(Control.KindCase.CHANNEL_ENDED)
                            .getChannelEnded()
                            .getMessage())
                    .isEqualTo("by one of the two");
        }
    }

    private static long dropped() {
        return network.coordinator().statistics().droppedPackets();
    }

    private static RawStream register(RawClient client, String id) throws Exception {
        RawConnection connection = client.connect(
                network.coordinator().localAddress(),
                Trust.pinned(network.coordinator().config().identity().fingerprint()),
                Identity.generate(new ClientId(id)));
        return connection.register(id);
    }

    private static ChannelAnswer introduce(RawStream control, String peer) throws Exception {
        control.frame(open(peer));
        return control.next(Control.KindCase.CHANNEL_ANSWER).getChannelAnswer();
    }

    private static Control open(String peer) {
        return Control.newBuilder()
                .setOpenChannel(OpenChannel.newBuilder().setRequest(1).setPeer(peer))
                .build();
    }

    private static Control reply(long introduction, ErrorCode code) {
        return Control.newBuilder()
                .setIntroductionReply(IntroductionReply.newBuilder()
                        .setIntroduction(introduction)
                        .setCode((int) code.code()))
                .build();
    }

    private static Control ended(long introduction, String message) {
        return Control.newBuilder()
                .setChannelEnded(ChannelEnded.newBuilder()
                        .setIntroduction(introduction)
                        .setCode((int) ErrorCode.CANCELLED.code())
                        .setMessage(message))
                .build();
    }

    /** Each length with each combination of the two bits that tell QUIC from the rest. */
    private static void floodWithGarbage(RawClient stranger, InetSocketAddress to) {
        Random random = new Random(1);
        stranger.send(new byte[0], to);
        for (int length = 1; length <= ETHERNET; length++) {
            for (int top = 0; top < 4; top++) {
                byte[] garbage = new byte[length];
                random.nextBytes(garbage);
                garbage[0] = (byte) ((top << 6) | (garbage[0] & 0x3f));
                if (garbage[0] == LinkCheck.CHECK) {
                    // Not garbage, if the length happens to be right.
                    garbage[0]++;
                }
                if (length > 4 && length % 2 == 0) {
                    // QUIC's version 1, so that parsing goes on.
                    System.arraycopy(new byte[] {0, 0, 0, 1}, 0, garbage, 1, 4);
                }
                stranger.send(garbage, to);
            }
            if (length % 50 == 0) {
                // The socket's buffer has an end, and what it drops is not tested.
                pair.assertUndisturbed();
            }
        }
    }

    private static byte[] relayPacket(long handle, byte[] packet) {
        return ByteBuffer.allocate(RelayPacket.HEADER_BYTES + packet.length)
                .put(RelayPacket.RELAY)
                .putLong(handle)
                .put(packet)
                .array();
    }

    private static byte[] notice(long handle) {
        return ByteBuffer.allocate(RelayPacket.HEADER_BYTES)
                .put(RelayPacket.UNKNOWN_HANDLE)
                .putLong(handle)
                .array();
    }

    private static InetSocketAddress loopback(InetSocketAddress address) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort());
    }
}
