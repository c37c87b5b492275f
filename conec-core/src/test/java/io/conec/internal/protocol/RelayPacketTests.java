package io.conec.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RelayPacketTests {
    private static final long HANDLE = 0x1122334455667788L;

    @Test
    void aRelayPacketIsAByteAHandleAndAPacket() {
        ByteBuf out = Unpooled.buffer();

        RelayPacket.writeHeader(out, RelayPacket.RELAY, HANDLE);
        out.writeByte(0x40);

        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("01" + "1122334455667788" + "40");
        assertThat(RelayPacket.kind(out)).isEqualTo(RelayPacket.RELAY);
        assertThat(RelayPacket.handle(out)).isEqualTo(HANDLE);
    }

    @Test
    void aNoticeIsAByteAndAHandle() {
        ByteBuf out = Unpooled.buffer();

        RelayPacket.writeHeader(out, RelayPacket.UNKNOWN_HANDLE, HANDLE);

        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("02" + "1122334455667788");
        assertThat(out.readableBytes()).isEqualTo(RelayPacket.HEADER_BYTES);
    }

    @Property
    void replacingTheHandleChangesNothingElse(@ForAll long before, @ForAll long after, @ForAll byte[] packet) {
        ByteBuf out = Unpooled.buffer();
        // Netty's datagrams need not begin at index 0.
        out.writeZero(3).skipBytes(3);
        RelayPacket.writeHeader(out, RelayPacket.RELAY, before);
        out.writeBytes(packet);

        RelayPacket.replaceHandle(out, after);

        assertThat(RelayPacket.kind(out)).isEqualTo(RelayPacket.RELAY);
        assertThat(RelayPacket.handle(out)).isEqualTo(after);
        assertThat(ByteBufUtil.getBytes(out.slice(3 + RelayPacket.HEADER_BYTES, packet.length)))
                .isEqualTo(packet);
    }

    @Test
    void anythingShorterThanAHeaderIsOfNoKind() {
        ByteBuf whole = Unpooled.buffer();
        RelayPacket.writeHeader(whole, RelayPacket.RELAY, HANDLE);
        for (int length = 0; length < RelayPacket.HEADER_BYTES; length++) {
            assertThat(RelayPacket.kind(whole.slice(0, length)))
                    .as("%d bytes", length)
                    .isEqualTo(-1);
        }
    }

    /** RFC 9000, section 17: long header 11, short header 01; RFC 9443 gives QUIC 64 to 127 and 192 to 255, and nobody here uses 128 to 191. */
    @ParameterizedTest
    @CsvSource({"00, false", "01, false", "02, false", "3f, false", "40, true", "7f, true", "c0, true", "ff, true"})
    void theTwoTopBitsTellQuicFromTheRest(String first, boolean quic) {
        ByteBuf datagram = Unpooled.wrappedBuffer(new byte[] {(byte) Integer.parseInt(first, 16), 0});

        assertThat(RelayPacket.isQuic(datagram)).isEqualTo(quic);
    }

    @Test
    void anEmptyDatagramIsNothing() {
        assertThat(RelayPacket.isQuic(Unpooled.EMPTY_BUFFER)).isFalse();
        assertThat(RelayPacket.kind(Unpooled.EMPTY_BUFFER)).isEqualTo(-1);
    }
}
