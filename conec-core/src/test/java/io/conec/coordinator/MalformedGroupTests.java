package io.conec.coordinator;

import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ClientId;
import io.conec.ConecGroup;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import io.conec.SlowReceiver;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.GroupFrame;
import io.conec.internal.protocol.GroupFrames;
import io.conec.internal.protocol.Header;
import io.conec.internal.protocol.JoinGroup;
import io.conec.internal.protocol.OpenChannel;
import io.conec.internal.protocol.PeerHello;
import io.conec.internal.protocol.PresenceFrame;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.StreamHeader;
import io.conec.internal.protocol.StreamReply;
import io.conec.internal.protocol.WatchPresence;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.Network;
import io.conec.testing.RawClient;
import io.conec.testing.RawConnection;
import io.conec.testing.RawStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client that breaks the rules of groups and presence hurts nobody but itself. */
final class MalformedGroupTests {
    private static final int MAX_MESSAGE = 1_000;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static Network network;
    private static Identity mallory;
    private static ConecGroup alice;
    private static ConecGroup bob;

    private RawClient client;
    private RawConnection connection;
    private RawStream control;

    @BeforeAll
    static void connectTheOthers() {
        network = Network.start(
                transport -> transport.maxMessageBytes(MAX_MESSAGE),
                coordinator -> coordinator.groups(new GroupLimits(2, 3, 1 << 20, Duration.ofSeconds(10))));
        mallory = Identity.generate(new ClientId("mallory"));
        alice = get(network.client("alice").join("chat"));
        bob = get(network.client("bob").join("chat", GroupOptions.receiveOnly()));
    }

    @AfterAll
    static void disconnectTheOthers() {
        network.close();
    }

    @BeforeEach
    void connect() throws Exception {
        client = new RawClient();
        connection = client.connect(
                network.coordinator().localAddress(),
                Trust.pinned(network.coordinator().identity().fingerprint()),
                mallory);
        control = connection.register("mallory");
    }

    @AfterEach
    void theLinkAndTheOthersAreUndisturbed() throws Exception {
        boolean open = connection.isOpen();
        client.close();
        await().until(() -> network.coordinator().client("mallory").isEmpty());
        await().until(() -> network.coordinator().hostedGroups().size() == 1
                && network.coordinator().hostedGroups().get(0).members() == 2);
        assertThat(open).isTrue();
        get(alice.send("undisturbed"));
        String text = "";
        while (!text.equals("undisturbed")) {
            text = bob.receive(PATIENCE).orElseThrow().message().text();
        }
    }

    @Test
    void tellsAMemberTheGroupFirst() throws Exception {
        RawStream stream = join("chat", sound());

        assertThat(StreamReply.parseFrom(stream.next()).getCode()).isZero();
        GroupFrame first = GroupFrame.parseFrom(stream.next());
        assertThat(first.getState().getMembers()).isEqualTo(3);
        assertThat(first.getState().getSenders()).isEqualTo(2);
        assertThat(first.getState().getReceivers()).isEqualTo(3);
        assertThat(first.getState().getMaxMessageBytes()).isEqualTo(MAX_MESSAGE);
    }

    @Test
    void passesOnWhatCameRightBehindTheHeader() throws Exception {
        RawStream stream = join("chat", sound()).frame("early".getBytes(StandardCharsets.UTF_8));

        assertThat(bob.receive(PATIENCE).orElseThrow()).satisfies(message -> {
            assertThat(message.sender()).isEqualTo("mallory");
            assertThat(message.message().text()).isEqualTo("early");
        });
        assertThat(StreamReply.parseFrom(stream.next()).getCode()).isZero();
    }

    @Test
    void refusesWhatMakesNoSense() throws Exception {
        assertRefused(join("chat", JoinGroup.getDefaultInstance()), ErrorCode.PROTOCOL_VIOLATION);
        assertRefused(join("chat", sound().toBuilder().setMaxMessages(0).build()), ErrorCode.PROTOCOL_VIOLATION);
        assertRefused(join("chat", sound().toBuilder().setSlowReceiverValue(9).build()), ErrorCode.PROTOCOL_VIOLATION);
        assertRefused(join("x".repeat(Protocol.MAX_GROUP_NAME + 1), sound()), ErrorCode.PROTOCOL_VIOLATION);
        assertRefused(join("", sound()), ErrorCode.PROTOCOL_VIOLATION);
    }

    @Test
    void refusesMoreGroupsAndMembersThanItHosts() throws Exception {
        assertThat(accepted(join("chat", sound()))).isTrue();
        assertRefused(join("chat", sound()), ErrorCode.GROUP_LIMIT);
        assertThat(accepted(join("second", sound()))).isTrue();
        assertRefused(join("third", sound()), ErrorCode.GROUP_LIMIT);
    }

    @Test
    void resetsAReceiverThatSends() throws Exception {
        RawStream stream = join("chat", GroupFrames.join(GroupOptions.receiveOnly(), MAX_MESSAGE));
        assertThat(accepted(stream)).isTrue();
        stream.frame("not me".getBytes(StandardCharsets.UTF_8));

        assertReset(stream, ErrorCode.PROTOCOL_VIOLATION);
    }

    @Test
    void resetsAReceiverThatSendsRightBehindTheHeader() throws Exception {
        RawStream stream = join("chat", GroupFrames.join(GroupOptions.receiveOnly(), MAX_MESSAGE))
                .frame("not me".getBytes(StandardCharsets.UTF_8));

        assertReset(stream, ErrorCode.PROTOCOL_VIOLATION);
    }

    @Test
    void resetsASenderOfTooLargeMessages() throws Exception {
        RawStream stream = join("chat", sound());
        assertThat(accepted(stream)).isTrue();
        stream.frame(new byte[MAX_MESSAGE + 1]);

        assertReset(stream, ErrorCode.MESSAGE_TOO_LARGE);
    }

    @Test
    void aMemberThatGoesAwayInTheMiddleIsNoMember() throws Exception {
        RawStream stream = join("chat", sound());
        assertThat(accepted(stream)).isTrue();
        stream.write(new byte[] {100, 1, 2, 3});
        client.close();

        await().until(() -> network.coordinator().hostedGroups().get(0).members() == 2);
        // For the check behind each test.
        client = new RawClient();
        connection = client.connect(
                network.coordinator().localAddress(),
                Trust.pinned(network.coordinator().identity().fingerprint()),
                mallory);
        connection.register("mallory");
    }

    @Test
    void holdsNoMoreForAMemberThanTheLimits() throws Exception {
        JoinGroup greedy = GroupFrames.join(
                GroupOptions.receiveOnly().withSlowReceiver(SlowReceiver.dropOldest(Integer.MAX_VALUE)), MAX_MESSAGE);
        RawStream stream = join("chat", greedy);
        assertThat(accepted(stream)).isTrue();
        stream.autoRead(false);
        byte[] message = new byte[MAX_MESSAGE];
        for (int i = 0; i < 10_000; i++) {
            alice.send(message);
            bob.receive(PATIENCE);
        }

        assertThat(network.coordinator().hostedGroups().get(0).lost()).isPositive();
    }

    @Test
    void tellsPresenceOnOneStreamOnly() throws Exception {
        RawStream first = watch();
        assertThat(StreamReply.parseFrom(first.next()).getCode()).isZero();
        PresenceFrame frame = PresenceFrame.parseFrom(first.next());
        assertThat(frame.getJoinedList()).extracting(each -> each.getId()).containsExactlyInAnyOrder("alice", "bob");
        assertThat(frame.getComplete()).isTrue();
        assertRefused(watch(), ErrorCode.STREAM_LIMIT);
        first.frame("a word".getBytes(StandardCharsets.UTF_8));
        assertReset(first, ErrorCode.PROTOCOL_VIOLATION);

        RawStream again = watch();
        assertThat(StreamReply.parseFrom(again.next()).getCode()).isZero();
    }

    @Test
    void refusesMoreAttributesThanAllowed() throws Exception {
        try (RawClient second = new RawClient()) {
            RawConnection talkative = second.connect(
                    network.coordinator().localAddress(),
                    Trust.pinned(network.coordinator().identity().fingerprint()),
                    Identity.generate(new ClientId("talkative")));
            talkative
                    .openStream()
                    .frame(Control.newBuilder()
                            .setClientHello(io.conec.internal.protocol.ClientHello.newBuilder()
                                    .setVersion(Protocol.version())
                                    .setClientId("talkative")
                                    .addAttributes(
                                            Header.newBuilder().setName("x").setValue("y".repeat(1_024))))
                            .build());

            assertThat(talkative.awaitClose().code()).isEqualTo(ErrorCode.PROTOCOL_VIOLATION);
        }
    }

    @Test
    void onlyCoordinatorsHostGroups() throws Exception {
        control.frame(Control.newBuilder()
                .setOpenChannel(OpenChannel.newBuilder().setRequest(1).setPeer("alice"))
                .build());
        long handle =
                control.next(Control.KindCase.CHANNEL_ANSWER).getChannelAnswer().getRelayHandle();
        RawConnection peer = client.dialPeer(handle, mallory);
        peer.openStream()
                .frame(Control.newBuilder()
                        .setPeerHello(PeerHello.newBuilder().setVersion(Protocol.version()))
                        .build())
                .next(Control.KindCase.PEER_HELLO);

        assertRefused(
                peer.openStream()
                        .frame(StreamHeader.newBuilder()
                                .setName("chat")
                                .setJoinGroup(sound())
                                .build()),
                ErrorCode.NO_HANDLER);
    }

    private static JoinGroup sound() {
        return GroupFrames.join(GroupOptions.DEFAULTS, MAX_MESSAGE);
    }

    private RawStream join(String name, JoinGroup join) throws InterruptedException {
        return connection
                .openStream()
                .frame(StreamHeader.newBuilder()
                        .setName(name)
                        .setJoinGroup(join)
                        .build());
    }

    private RawStream watch() throws InterruptedException {
        return connection
                .openStream()
                .frame(StreamHeader.newBuilder()
                        .setName("presence")
                        .setWatchPresence(WatchPresence.getDefaultInstance())
                        .build());
    }

    private static boolean accepted(RawStream stream) throws Exception {
        return StreamReply.parseFrom(stream.next()).getCode() == 0;
    }

    private static void assertRefused(RawStream stream, ErrorCode code) throws Exception {
        assertThat(StreamReply.parseFrom(stream.next()).getCode()).isEqualTo((int) code.code());
    }

    private void assertReset(RawStream stream, ErrorCode code) throws Exception {
        var reset = control.next(Control.KindCase.STREAM_RESET).getStreamReset();
        assertThat(reset.getStream()).isEqualTo(stream.id());
        assertThat(reset.getCode()).isEqualTo((int) code.code());
        stream.fin();
    }
}
