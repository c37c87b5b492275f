package io.conec.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class LinkCheckTests {
    private static final long HANDLE = 0x1122334455667788L;
    private static final UnpooledByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    @Test
    void aCheckIsExactlyTheseBytes() {
        assertThat(hex(LinkCheck.encodeCheck(ALLOCATOR, HANDLE)))
                .isEqualTo(Golden.DATAGRAMS.get("LINK_CHECK, handle `0x1122334455667788`"));
    }

    @Test
    void aStatusIsExactlyTheseBytes() {
        LinkCheck moved = new LinkCheck(HANDLE, LinkCheck.Status.MOVED, new InetSocketAddress("2001:db8::1", 1719));

        assertThat(hex(moved.encodeStatus(ALLOCATOR)))
                .isEqualTo(Golden.DATAGRAMS.get("LINK_STATUS, moved, `2001:db8::1` port 1719"));
    }

    @ParameterizedTest
    @EnumSource
    void aStatusIsReadAsItWasWritten(LinkCheck.Status status) {
        LinkCheck answer = new LinkCheck(HANDLE, status, new InetSocketAddress("192.0.2.7", 50_000));
        ByteBuf written = answer.encodeStatus(ALLOCATOR);
        ByteBuf datagram = Unpooled.buffer().writeZero(3).writeBytes(written).skipBytes(3);
        written.release();

        assertThat(LinkCheck.decodeStatus(datagram)).isEqualTo(answer);
    }

    @Test
    void neitherIsQuicNorLongerThanTheOther() {
        ByteBuf check = LinkCheck.encodeCheck(ALLOCATOR, HANDLE);
        ByteBuf status = new LinkCheck(HANDLE, LinkCheck.Status.UNKNOWN, null).encodeStatus(ALLOCATOR);

        assertThat(RelayPacket.isQuic(check)).isFalse();
        assertThat(RelayPacket.isQuic(status)).isFalse();
        assertThat(check.readableBytes()).isEqualTo(LinkCheck.BYTES).isEqualTo(status.readableBytes());
        assertThat(LinkCheck.handle(check)).isEqualTo(HANDLE);
        assertThat(LinkCheck.decodeStatus(status)).isEqualTo(new LinkCheck(HANDLE, LinkCheck.Status.UNKNOWN, null));
        check.release();
        status.release();
    }

    @Test
    void anotherLengthOrStatusIsNoAnswer() {
        ByteBuf status = new LinkCheck(HANDLE, LinkCheck.Status.KNOWN, null).encodeStatus(ALLOCATOR);

        assertThat(LinkCheck.decodeStatus(status.slice(0, LinkCheck.BYTES - 1))).isNull();
        status.setByte(9, 3);
        assertThat(LinkCheck.decodeStatus(status)).isNull();
        status.release();
    }

    private static String hex(ByteBuf datagram) {
        try {
            return ByteBufUtil.hexDump(datagram);
        } finally {
            datagram.release();
        }
    }
}
