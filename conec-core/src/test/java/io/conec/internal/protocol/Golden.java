package io.conec.internal.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.conec.ErrorCode;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A frame that must never change: the message, and its bytes as worked out from {@code conec.proto} by other means than the generated classes. The table "Test
 * vectors" of PROTOCOL.md holds the same.
 */
record Golden(String name, Message message, String hex) {
    private static final long INTRODUCTION = 0x1122334455667788L;
    private static final long ASKED_HANDLE = 0xa1a2a3a4a5a6a7a8L;
    private static final long ASKER_HANDLE = 0xb1b2b3b4b5b6b7b8L;
    private static final long OLD = 0x0102030405060708L;
    /** The bytes 0 to 31. */
    static final byte[] PROBE_KEY =
            HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

    private static final ByteString CERTIFICATE =
            ByteString.copyFrom(HexFormat.of().parseHex("3003020105"));
    private static final ByteString TOKEN = ByteString.copyFrom(new byte[] {1, 2, 3, 4});
    private static final Version VERSION =
            Version.newBuilder().setSoftware("s/1").build();

    /** Frames of a control stream. */
    static final List<Golden> CONTROL = List.of(
            new Golden(
                    "ClientHello",
                    Control.newBuilder()
                            .setClientHello(ClientHello.newBuilder()
                                    .setVersion(VERSION.toBuilder().setMinor(1).addFeatures("x"))
                                    .setClientId("alice"))
                            .build(),
                    "160a130a0a08011201781a03732f311205616c696365"),
            new Golden(
                    "ClientHello, with an attribute",
                    Control.newBuilder()
                            .setClientHello(ClientHello.newBuilder()
                                    .setVersion(VERSION.toBuilder().setMinor(1).addFeatures("x"))
                                    .setClientId("alice")
                                    .addAttributes(
                                            Header.newBuilder().setName("a").setValue("b")))
                            .build(),
                    "1e0a1b0a0a08011201781a03732f311205616c6963651a060a0161120162"),
            new Golden(
                    "ClientHello, of a renewal",
                    Control.newBuilder()
                            .setClientHello(ClientHello.newBuilder()
                                    .setVersion(VERSION.toBuilder().setMinor(1).addFeatures("x"))
                                    .setClientId("alice")
                                    .setRenewalToken(TOKEN))
                            .build(),
                    "1c0a190a0a08011201781a03732f311205616c696365220401020304"),
            new Golden(
                    "RenewCertificate",
                    Control.newBuilder()
                            .setRenewCertificate(RenewCertificate.getDefaultInstance())
                            .build(),
                    "04c20200"),
            new Golden(
                    "RenewalToken",
                    Control.newBuilder()
                            .setRenewalToken(RenewalToken.newBuilder().setToken(TOKEN))
                            .build(),
                    "0aca02060a0401020304"),
            new Golden(
                    "CertificateRenewed",
                    Control.newBuilder()
                            .setCertificateRenewed(CertificateRenewed.getDefaultInstance())
                            .build(),
                    "04d20200"),
            new Golden(
                    "CoordinatorHello",
                    Control.newBuilder()
                            .setCoordinatorHello(CoordinatorHello.newBuilder()
                                    .setVersion(VERSION)
                                    .setObservedAddress(ByteString.copyFrom(new byte[] {(byte) 192, 0, 2, 7}))
                                    .setObservedPort(50_000)
                                    .setLinkHandle(INTRODUCTION))
                            .build(),
                    "1d121a0a051a03732f311204c000020718d08603218877665544332211"),
            new Golden(
                    "OpenChannel",
                    Control.newBuilder()
                            .setOpenChannel(
                                    OpenChannel.newBuilder().setRequest(300).setPeer("bob"))
                            .build(),
                    "0b1a0808ac021203626f62"),
            new Golden(
                    "OpenChannel, restore",
                    Control.newBuilder()
                            .setOpenChannel(OpenChannel.newBuilder()
                                    .setRequest(300)
                                    .setPeer("bob")
                                    .setRestores(OLD))
                            .build(),
                    "141a1108ac021203626f62190807060504030201"),
            new Golden(
                    "Introduction, restore",
                    Control.newBuilder()
                            .setIntroduction(Introduction.newBuilder()
                                    .setIntroduction(INTRODUCTION)
                                    .setPeer("alice")
                                    .setCertificate(CERTIFICATE)
                                    .setRelayHandle(ASKED_HANDLE)
                                    .setRestores(OLD)
                                    .setOnLoopback(true))
                            .build(),
                    "2e222b0988776655443322111205616c6963651a05300302010521a8a7a6a5a4a3a2a12908070605040302013001"),
            new Golden(
                    "ChannelAnswer, dial on loopback",
                    Control.newBuilder()
                            .setChannelAnswer(ChannelAnswer.newBuilder()
                                    .setRequest(300)
                                    .setIntroduction(INTRODUCTION)
                                    .setCertificate(CERTIFICATE)
                                    .setRelayHandle(ASKER_HANDLE)
                                    .setOnLoopback(true))
                            .build(),
                    "21321e08ac022188776655443322112a05300302010531b8b7b6b5b4b3b2b13801"),
            new Golden(
                    "RelayLost",
                    Control.newBuilder()
                            .setRelayLost(RelayLost.newBuilder().setIntroduction(INTRODUCTION))
                            .build(),
                    "0c4209098877665544332211"),
            new Golden(
                    "PeerHello, direct only",
                    Control.newBuilder()
                            .setPeerHello(
                                    PeerHello.newBuilder().setVersion(VERSION).setPathPolicy(PathPolicy.DIRECT_ONLY))
                            .build(),
                    "0d8201090a051a03732f311002"),
            new Golden(
                    "Candidates",
                    Control.newBuilder()
                            .setCandidates(Candidates.newBuilder()
                                    .setProbeId(INTRODUCTION)
                                    .setProbeKey(ByteString.copyFrom(PROBE_KEY))
                                    .addCandidates(Candidate.newBuilder()
                                            .setAddress(ByteString.copyFrom(new byte[] {(byte) 192, 0, 2, 7}))
                                            .setPort(50_000)
                                            .setKind(Candidate.Kind.SERVER_REFLEXIVE)))
                            .build(),
                    "3d8a01390988776655443322111220000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f1a0c0a04c000020710d086031801"),
            new Golden(
                    "Introduction",
                    Control.newBuilder()
                            .setIntroduction(Introduction.newBuilder()
                                    .setIntroduction(INTRODUCTION)
                                    .setPeer("alice")
                                    .setCertificate(CERTIFICATE)
                                    .setRelayHandle(ASKED_HANDLE))
                            .build(),
                    "2322200988776655443322111205616c6963651a05300302010521a8a7a6a5a4a3a2a1"),
            new Golden(
                    "IntroductionReply, agreed",
                    Control.newBuilder()
                            .setIntroductionReply(IntroductionReply.newBuilder().setIntroduction(INTRODUCTION))
                            .build(),
                    "0c2a09098877665544332211"),
            new Golden(
                    "IntroductionReply, refused",
                    Control.newBuilder()
                            .setIntroductionReply(IntroductionReply.newBuilder()
                                    .setIntroduction(INTRODUCTION)
                                    .setCode((int) ErrorCode.REFUSED.code())
                                    .setMessage("no"))
                            .build(),
                    "122a0f09887766554433221110211a026e6f"),
            new Golden(
                    "ChannelAnswer, dial",
                    Control.newBuilder()
                            .setChannelAnswer(ChannelAnswer.newBuilder()
                                    .setRequest(300)
                                    .setIntroduction(INTRODUCTION)
                                    .setCertificate(CERTIFICATE)
                                    .setRelayHandle(ASKER_HANDLE))
                            .build(),
                    "1f321c08ac022188776655443322112a05300302010531b8b7b6b5b4b3b2b1"),
            new Golden(
                    "ChannelAnswer, wait",
                    Control.newBuilder()
                            .setChannelAnswer(
                                    ChannelAnswer.newBuilder().setRequest(300).setIntroduction(INTRODUCTION))
                            .build(),
                    "0f320c08ac02218877665544332211"),
            new Golden(
                    "ChannelAnswer, refused",
                    Control.newBuilder()
                            .setChannelAnswer(ChannelAnswer.newBuilder()
                                    .setRequest(300)
                                    .setCode((int) ErrorCode.UNKNOWN_PEER.code())
                                    .setMessage("no"))
                            .build(),
                    "0c320908ac0210201a026e6f"),
            new Golden(
                    "ChannelEnded",
                    Control.newBuilder()
                            .setChannelEnded(ChannelEnded.newBuilder()
                                    .setIntroduction(INTRODUCTION)
                                    .setCode((int) ErrorCode.CONNECTION_LOST.code())
                                    .setMessage("lost"))
                            .build(),
                    "143a1109887766554433221110421a046c6f7374"),
            new Golden(
                    "PeerHello",
                    Control.newBuilder()
                            .setPeerHello(PeerHello.newBuilder().setVersion(VERSION))
                            .build(),
                    "0b8201070a051a03732f31"),
            new Golden(
                    "Ping",
                    Control.newBuilder().setPing(Ping.getDefaultInstance()).build(),
                    "04820200"),
            new Golden(
                    "Pong",
                    Control.newBuilder().setPong(Pong.getDefaultInstance()).build(),
                    "048a0200"),
            new Golden(
                    "StreamReset",
                    Control.newBuilder()
                            .setStreamReset(StreamReset.newBuilder()
                                    .setStream(4)
                                    .setCode((int) ErrorCode.CANCELLED.code())
                                    .setMessage("enough")
                                    .setStopSendingOnly(true))
                            .build(),
                    "1292020e080410061a06656e6f7567682001"));

    /** Frames of data streams that are not an application's. */
    static final List<Golden> DATA = List.of(
            new Golden(
                    "StreamHeader",
                    StreamHeader.newBuilder()
                            .setName("chat")
                            .addHeaders(Header.newBuilder().setName("a").setValue("b"))
                            .build(),
                    "0f0a046368617412060a0161120162"),
            new Golden("StreamReply, accepted", StreamReply.getDefaultInstance(), "01"),
            new Golden(
                    "StreamReply, refused",
                    StreamReply.newBuilder()
                            .setCode((int) ErrorCode.NO_HANDLER.code())
                            .setMessage("no")
                            .build(),
                    "07083012026e6f"),
            new Golden(
                    "StreamHeader, JoinGroup, blocks",
                    join(JoinGroup.newBuilder()
                            .setSends(true)
                            .setReceives(true)
                            .setMaxMessageBytes(1_000)
                            .setMaxMessages(10)
                            .setMaxBlockMillis(5_000)),
                    "150a04636861741a0c0801100120e807300a388827"),
            new Golden(
                    "StreamHeader, JoinGroup, drops the oldest",
                    join(JoinGroup.newBuilder()
                            .setReceives(true)
                            .setOwnMessages(true)
                            .setMaxMessageBytes(1_000)
                            .setSlowReceiver(SlowReceiverPolicy.DROP_OLDEST)
                            .setMaxMessages(300)),
                    "150a04636861741a0c1001180120e807280130ac02"),
            new Golden(
                    "StreamHeader, JoinGroup, disconnects",
                    join(JoinGroup.newBuilder()
                            .setSends(true)
                            .setMaxMessageBytes(1_000)
                            .setSlowReceiver(SlowReceiverPolicy.DISCONNECT)
                            .setMaxMessages(1)),
                    "120a04636861741a09080120e80728023001"),
            new Golden(
                    "StreamHeader, WatchPresence",
                    StreamHeader.newBuilder()
                            .setName("presence")
                            .setWatchPresence(WatchPresence.getDefaultInstance())
                            .build(),
                    "0d0a0870726573656e63652200"),
            new Golden(
                    "GroupDelivery",
                    GroupFrame.newBuilder()
                            .setDelivery(GroupDelivery.newBuilder()
                                    .setSender("alice")
                                    .setPayload(ByteString.copyFromUtf8("hi")))
                            .build(),
                    "0e0a0b0a05616c69636512026869"),
            new Golden(
                    "GroupDelivery, from the coordinator",
                    GroupFrame.newBuilder()
                            .setDelivery(GroupDelivery.newBuilder().setPayload(ByteString.copyFromUtf8("hi")))
                            .build(),
                    "070a0412026869"),
            new Golden(
                    "GroupDelivery, an empty message",
                    GroupFrame.newBuilder()
                            .setDelivery(GroupDelivery.newBuilder().setSender("alice"))
                            .build(),
                    "0a0a070a05616c696365"),
            new Golden(
                    "GroupLoss",
                    GroupFrame.newBuilder()
                            .setLoss(GroupLoss.newBuilder().setMessages(300))
                            .build(),
                    "06120308ac02"),
            new Golden(
                    "GroupState",
                    GroupFrame.newBuilder()
                            .setState(GroupState.newBuilder()
                                    .setMembers(3)
                                    .setSenders(1)
                                    .setReceivers(2)
                                    .setMaxMessageBytes(4 << 20))
                            .build(),
                    "0e1a0b0803100118022080808002"),
            new Golden(
                    "PresenceFrame",
                    PresenceFrame.newBuilder()
                            .addJoined(ClientPresence.newBuilder()
                                    .setId("bob")
                                    .addAttributes(
                                            Header.newBuilder().setName("a").setValue("b"))
                                    .setSinceMillis(1_700_000_000_123L))
                            .addLeft("carol")
                            .setComplete(true)
                            .build(),
                    "200a140a03626f6212060a016112016218fbd095ffbc3112056361726f6c1801"));

    private static StreamHeader join(JoinGroup.Builder join) {
        return StreamHeader.newBuilder().setName("chat").setJoinGroup(join).build();
    }

    /** The datagrams of the table, by name: those that are not QUIC. */
    static final Map<String, String> DATAGRAMS = Map.of(
            "LINK_CHECK, handle `0x1122334455667788`",
            "0311223344556677880000000000000000000000000000000000000000",
            "LINK_STATUS, moved, `2001:db8::1` port 1719",
            "041122334455667788021020010db800000000000000000000000106b7",
            "PROBE_REQUEST, silent",
            "10112233445566778801020304050607080100000000000000000000000000000000000000b34f6bb015023cb24fc44f7849def664",
            "PROBE_RESPONSE, observed `192.0.2.7` port 50000",
            "11112233445566778801020304050607080004c0000207000000000000000000000000c350ebe785ef7e42cc922fb979279ccfcbd5");

    /** The frame. */
    byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return name;
    }
}
