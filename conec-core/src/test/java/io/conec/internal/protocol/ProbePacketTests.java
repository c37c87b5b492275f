package io.conec.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ProbePacketTests {
    private static final long ID = 0x1122334455667788L;
    private static final long TRANSACTION = 0x0102030405060708L;
    private static final ProbePacket REQUEST = new ProbePacket(false, ID, TRANSACTION, true, null, false);
    private static final ProbePacket RESPONSE =
            new ProbePacket(true, ID, TRANSACTION, false, new InetSocketAddress("192.0.2.7", 50_000), false);

    private final ProbeKey key = new ProbeKey(Golden.PROBE_KEY);

    @Test
    void aRequestIsExactlyTheseBytes() {
        assertThat(hex(REQUEST)).isEqualTo(Golden.DATAGRAMS.get("PROBE_REQUEST, silent"));
    }

    @Test
    void aResponseIsExactlyTheseBytes() {
        assertThat(hex(RESPONSE)).isEqualTo(Golden.DATAGRAMS.get("PROBE_RESPONSE, observed `192.0.2.7` port 50000"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.7", "2001:db8::1"})
    void isReadAsItWasWritten(String observed) {
        ProbePacket probe = new ProbePacket(true, ID, TRANSACTION, true, new InetSocketAddress(observed, 1), true);

        ByteBuf datagram = offset(probe);

        assertThat(datagram.readableBytes()).isEqualTo(ProbePacket.PADDED_BYTES);
        assertThat(ProbePacket.isProbe(datagram)).isTrue();
        assertThat(ProbePacket.id(datagram)).isEqualTo(ID);
        assertThat(ProbePacket.decode(datagram, key)).isEqualTo(probe);
        assertThat(ProbePacket.decode(datagram, key)).isEqualTo(probe);
    }

    @Test
    void aRequestIsAsLongAsItsResponse() {
        assertThat(offset(REQUEST).readableBytes()).isEqualTo(offset(RESPONSE).readableBytes());
    }

    @Test
    void isNotQuic() {
        assertThat(RelayPacket.isQuic(offset(REQUEST))).isFalse();
        assertThat(RelayPacket.isQuic(offset(RESPONSE))).isFalse();
    }

    @Test
    void aSingleChangedBitIsNoticed() {
        byte[] bytes = Objects.requireNonNull(HexFormat.of().parseHex(hex(REQUEST)));
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            byte[] changed = bytes.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);

            assertThat(ProbePacket.decode(Unpooled.wrappedBuffer(changed), key))
                    .as("bit %d", bit)
                    .isNull();
        }
    }

    @Test
    void anotherKeyProvesNothing() {
        byte[] other = Golden.PROBE_KEY.clone();
        other[31]++;

        assertThat(ProbePacket.decode(offset(REQUEST), new ProbeKey(other))).isNull();
    }

    @Test
    void whatIsTooShortIsNoProbe() {
        ByteBuf datagram = offset(REQUEST);
        for (int length = 0; length < ProbePacket.BYTES; length++) {
            assertThat(ProbePacket.isProbe(datagram.slice(datagram.readerIndex(), length)))
                    .isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 33, 64})
    void aKeyOfAnotherLengthIsRefused(int length) {
        assertThatThrownBy(() -> new ProbeKey(new byte[length])).isInstanceOf(IllegalArgumentException.class);
    }

    private String hex(ProbePacket probe) {
        ByteBuf datagram = probe.encode(UnpooledByteBufAllocator.DEFAULT, key);
        try {
            return ByteBufUtil.hexDump(datagram);
        } finally {
            datagram.release();
        }
    }

    /** As datagrams come: not at the beginning of their buffer. */
    private ByteBuf offset(ProbePacket probe) {
        ByteBuf datagram = probe.encode(UnpooledByteBufAllocator.DEFAULT, key);
        try {
            return Unpooled.buffer().writeZero(5).writeBytes(datagram).skipBytes(5);
        } finally {
            datagram.release();
        }
    }
}
