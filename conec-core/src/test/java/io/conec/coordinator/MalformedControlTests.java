package io.conec.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ClientId;
import io.conec.ErrorCode;
import io.conec.internal.protocol.ClientHello;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.OpenChannel;
import io.conec.internal.protocol.PeerHello;
import io.conec.internal.protocol.Ping;
import io.conec.internal.protocol.Protocol;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.BackgroundPair;
import io.conec.testing.LogLines;
import io.conec.testing.Network;
import io.conec.testing.RawClient;
import io.conec.testing.RawConnection;
import io.conec.testing.RawStream;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client that breaks the rules of the coordinator link is thrown out with the reason, and nobody else notices. */
final class MalformedControlTests {
    private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(2);

    private static Network network;
    private static BackgroundPair pair;
    private static Identity mallory;

    private RawClient client;

    @BeforeAll
    static void connectTheOthers() {
        network = Network.start(transport -> transport.handshakeTimeout(HANDSHAKE_TIMEOUT));
        pair = BackgroundPair.start(network);
        mallory = Identity.generate(new ClientId("mallory"));
    }

    @AfterAll
    static void disconnectTheOthers() {
        pair.close();
        network.close();
    }

    @BeforeEach
    void bind() {
        client = new RawClient();
    }

    @AfterEach
    void theOthersAreUndisturbed() {
        client.close();
        pair.assertUndisturbed();
        await().untilAsserted(() ->
                assertThat(network.coordinator().statistics().clients()).isEqualTo(2));
    }

    @Test
    void waitsForAHelloUntilTheHandshakeTimeout() throws Exception {
        RawConnection connection = connect();

        assertThat(connection.awaitClose().code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(connection.awaitClose().reason()).contains("2000 ms");
    }

    @Test
    void countsWhatNeverBecameAClient() throws Exception {
        long before = network.coordinator().statistics().refused();

        connect().openStream().write(new byte[] {0});

        await().until(() -> network.coordinator().statistics().refused() > before);
    }

    @Test
    void speaksNoOtherProtocol() throws Exception {
        RawConnection connection = client.connect(
                network.coordinator().localAddress(),
                Trust.pinned(network.coordinator().config().identity().fingerprint()),
                mallory,
                "h3");

        assertThat(connection.awaitClose().tlsAlert()).isEqualTo(120);
    }

    @Test
    void wantsAHelloFirst() throws Exception {
        RawConnection connection = connect();
        connection
                .openStream()
                .frame(Control.newBuilder()
                        .setOpenChannel(OpenChannel.newBuilder().setRequest(1).setPeer("near"))
                        .build());

        assertThrownOut(connection, "expected a hello, got OPEN_CHANNEL");
    }

    @Test
    void takesOneHelloOnly() throws Exception {
        RawConnection connection = connect();
        RawStream control = connection.register("mallory");
        control.frame(hello("mallory"));

        assertThrownOut(connection, "unexpected CLIENT_HELLO");
    }

    @Test
    void takesNoMessageThatOnlyPeersSend() throws Exception {
        RawConnection connection = connect();
        connection
                .register("mallory")
                .frame(Control.newBuilder()
                        .setPeerHello(PeerHello.getDefaultInstance())
                        .build());

        assertThrownOut(connection, "unexpected PEER_HELLO");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void refusesGarbageInAFrame(boolean registered) throws Exception {
        RawConnection connection = connect();
        RawStream control = registered ? connection.register("mallory") : connection.openStream();
        // Field 1, length-delimited, 100 bytes announced and 1 there.
        control.frame(new byte[] {0x0a, 100, 1});

        assertThrownOut(connection, "malformed control message");
    }

    @Test
    void refusesAStreamOfNoise() throws Exception {
        RawConnection connection = connect();
        byte[] noise = new byte[100_000];
        new Random(1).nextBytes(noise);
        // A length with more bytes than any has.
        java.util.Arrays.fill(noise, 0, 6, (byte) 0xff);
        connection.register("mallory").write(noise);

        assertThrownOut(connection, "length");
    }

    @Test
    void refusesAFrameOverTheLimitByItsLengthAlone() throws Exception {
        RawConnection connection = connect();
        // 64 KiB and 1, plus 1.
        connection.register("mallory").write(new byte[] {(byte) 0x82, (byte) 0x80, 0x04});

        assertThrownOut(connection, "65537 bytes is over the limit of 65536");
    }

    @Test
    void takesAFrameOfExactlyTheLimitAndIgnoresKindsOfTheFuture() throws Exception {
        RawConnection connection = connect();
        RawStream control = connection.register("mallory");
        // Field 2000, length-delimited.
        byte[] future = new byte[Protocol.MAX_CONTROL_BYTES];
        byte[] head = {(byte) 0x82, 0x7d, (byte) 0xfb, (byte) 0xff, 0x03};
        System.arraycopy(head, 0, future, 0, head.length);
        control.frame(future);
        control.frame(Control.newBuilder().setPing(Ping.getDefaultInstance()).build());

        control.next(Control.KindCase.PONG);
        assertThat(connection.isOpen()).isTrue();
    }

    @Test
    void waitsNoLongerThanTheHandshakeTimeoutForTheRestOfAHello() throws Exception {
        RawConnection connection = connect();
        byte[] hello = hello("mallory").toByteArray();
        connection.openStream().write(new byte[] {(byte) (hello.length + 1), hello[0]});

        assertThat(connection.awaitClose().code()).isEqualTo(ErrorCode.TIMEOUT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void needsTheControlStreamUntilTheEnd(boolean endMark) throws Exception {
        RawConnection connection = connect();
        RawStream control = connection.register("mallory");
        if (endMark) {
            control.write(new byte[] {0});
        }
        control.fin();

        assertThrownOut(connection, "the control stream was ended");
    }

    @Test
    void takesNoResetOfTheControlStream() throws Exception {
        RawConnection connection = connect();
        connection.register("mallory").reset(1);

        assertThrownOut(connection, "the control stream was reset");
    }

    @Test
    void takesNoStopOfTheControlStream() throws Exception {
        RawConnection connection = connect();
        RawStream control = connection.register("mallory");
        control.stopSending(1);
        control.frame(Control.newBuilder().setPing(Ping.getDefaultInstance()).build());

        assertThrownOut(connection, "the control stream");
    }

    @Test
    void allowsNoUnidirectionalStream() throws Exception {
        try (LogLines log = LogLines.collect()) {
            RawConnection connection = connect();
            connection.register("mallory");

            assertThat(connection.openUnidirectional()).isFalse();
            assertThat(connection.isOpen()).isTrue();
            assertThat(log.all()).noneMatch(line -> line.contains("mallory") && line.contains("closing"));
        }
    }

    @Test
    void saysWhichClientWasThrownOutAndWhy() throws Exception {
        try (LogLines log = LogLines.collect()) {
            RawConnection connection = connect();
            connection.register("mallory").write(new byte[] {2, 0x0a});
            connection.awaitClose();

            await().untilAsserted(() -> assertThat(log.all())
                    .anySatisfy(line -> assertThat(line).contains("mallory").contains("PROTOCOL_VIOLATION")));
        }
    }

    @Test
    void throwsOutAClientThatAsksAndNeverTakesTheAnswers() throws Exception {
        RawConnection connection = client.window(2_000)
                .connect(
                        network.coordinator().localAddress(),
                        Trust.pinned(network.coordinator().config().identity().fingerprint()),
                        mallory);
        RawStream control = connection.register("mallory");
        control.autoRead(false);
        byte[] ping = {4, (byte) 0x82, 0x02, 0};
        byte[] pings = new byte[40_000];
        for (int i = 0; i < pings.length; i++) {
            pings[i] = ping[i % ping.length];
        }
        while (connection.isOpen()) {
            control.write(pings);
            await().pollDelay(Duration.ZERO).until(() -> !connection.isOpen() || control.isWritable());
        }

        assertThat(connection.awaitClose().code()).isEqualTo(ErrorCode.NOT_READING);
    }

    @Test
    void servesTheOthersWhileAClientDoesNotReadItsSocket() throws Exception {
        RawConnection connection = connect();
        connection.register("mallory");
        client.reading(false);

        // Its link lasts until the idle timeout; what is sent to it goes nowhere.
        for (int i = 0; i < 3; i++) {
            pair.assertUndisturbed();
        }
        assertThat(network.coordinator().client("mallory")).isPresent();
    }

    private RawConnection connect() throws InterruptedException {
        return client.connect(
                network.coordinator().localAddress(),
                Trust.pinned(network.coordinator().config().identity().fingerprint()),
                mallory);
    }

    private static Control hello(String id) {
        return Control.newBuilder()
                .setClientHello(
                        ClientHello.newBuilder().setVersion(Protocol.version()).setClientId(id))
                .build();
    }

    private static void assertThrownOut(RawConnection connection, String why) throws Exception {
        assertThat(connection.awaitClose().code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION);
        assertThat(connection.awaitClose().reason()).contains(why);
    }
}
