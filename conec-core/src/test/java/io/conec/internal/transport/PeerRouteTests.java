package io.conec.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PeerRouteTests {
    private static final int LONG = PeerRoute.ACKNOWLEDGEMENT_BYTES + 1;

    private final PeerRoute route = new PeerRoute(VirtualAddress.of(1), 7, true, () -> {});

    @AfterEach
    void release() {
        route.release();
        assertThat(route.lastPackets()).isEmpty();
    }

    @Test
    void remembersNothingBeforeTheFirstPacket() {
        assertThat(route.lastPackets()).isEmpty();
    }

    @Test
    void remembersTheLastPacketOfASegmentedSend() {
        ByteBuf two = Unpooled.buffer().writeBytes(bytes('a', 1_200)).writeBytes(bytes('b', 900));
        route.sending(two, 1_200);

        assertThat(remembered()).containsExactly(List.of('b', 900));
        assertThat(two.readableBytes()).isEqualTo(2_100);
    }

    /** The other side answers an acknowledgement with nothing. */
    @Test
    void remembersBesideAnAcknowledgementTheLastPacketThatIsMore() {
        route.sending(Unpooled.wrappedBuffer(bytes('a', LONG)), 0);
        route.sending(Unpooled.wrappedBuffer(bytes('b', 40)), 0);
        route.sending(Unpooled.wrappedBuffer(bytes('c', LONG - 1)), 0);

        assertThat(remembered()).containsExactly(List.of('a', LONG), List.of('c', LONG - 1));
    }

    @Test
    void forgetsAnAcknowledgementWhenMoreIsSent() {
        route.sending(Unpooled.wrappedBuffer(bytes('a', 40)), 0);
        route.sending(Unpooled.wrappedBuffer(bytes('b', 1_200)), 0);

        assertThat(remembered()).containsExactly(List.of('b', 1_200));
    }

    private List<List<Object>> remembered() {
        return route.lastPackets().stream()
                .map(packet -> List.<Object>of((char) ByteBufUtil.getBytes(packet)[0], packet.readableBytes()))
                .toList();
    }

    private static byte[] bytes(char with, int length) {
        byte[] bytes = new byte[length];
        java.util.Arrays.fill(bytes, (byte) with);
        return bytes;
    }
}
