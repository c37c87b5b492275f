package io.conec.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class SegmentedSendsTests {
    private static final int EIO = -5;
    private static final int EMSGSIZE = -90;
    private static final InetSocketAddress TO = new InetSocketAddress("192.0.2.1", 1);

    private final Kernel kernel = new Kernel();
    private final EmbeddedChannel channel = new EmbeddedChannel(kernel, new SegmentedSends());

    @BeforeAll
    static void requireNativeErrors() {
        assumeThat(Epoll.isAvailable()).isTrue();
    }

    @Test
    void arePassedOnWhole() {
        assertThat(send(segmented()).isSuccess()).isTrue();

        assertThat(kernel.sent).containsExactly("0102030405 by 2");
    }

    @Test
    void areSentOneByOneOnceTheSystemHasRefusedOne() {
        kernel.refusing = EIO;
        SegmentedDatagramPacket lost = segmented();
        assertThat(send(lost).isSuccess()).isFalse();
        SegmentedDatagramPacket packet = segmented();

        assertThat(send(packet).isSuccess()).isTrue();

        assertThat(kernel.sent).containsExactly("0102", "0304", "05");
        assertThat(lost.refCnt()).isZero();
        assertThat(packet.refCnt()).isZero();
    }

    /** Which is about one packet or one peer's path, not about the device. */
    @Test
    void stayWholeWhenOneFailsForAnotherReason() {
        kernel.refusing = EMSGSIZE;
        assertThat(send(segmented()).isSuccess()).isFalse();
        kernel.refusing = 0;

        send(segmented());

        assertThat(kernel.sent).containsExactly("0102030405 by 2");
    }

    @Test
    void failIfOneOfTheirPacketsDoes() {
        kernel.refusing = EIO;
        send(segmented());
        kernel.broken = true;

        assertThat(send(segmented()).isSuccess()).isFalse();
    }

    private ChannelFuture send(DatagramPacket packet) {
        ChannelFuture sent = channel.writeAndFlush(packet);
        channel.runPendingTasks();
        assertThat(sent.isDone()).isTrue();
        return sent;
    }

    private static SegmentedDatagramPacket segmented() {
        ByteBuf content = Unpooled.wrappedBuffer(new byte[] {1, 2, 3, 4, 5});
        return new SegmentedDatagramPacket(content, 2, TO);
    }

    private static final class Kernel extends ChannelOutboundHandlerAdapter {
        private final List<String> sent = new ArrayList<>();
        private int refusing;
        private boolean broken;

        @Override
        public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
            DatagramPacket packet = (DatagramPacket) msg;
            boolean segmented = msg instanceof SegmentedDatagramPacket;
            if (broken || (segmented && refusing != 0)) {
                promise.setFailure(new Errors.NativeIoException("sendmmsg", refusing));
            } else {
                assertThat(packet.recipient()).isEqualTo(TO);
                sent.add(ByteBufUtil.hexDump(packet.content())
                        + (segmented ? " by " + ((SegmentedDatagramPacket) packet).segmentSize() : ""));
                promise.setSuccess();
            }
            packet.release();
        }
    }
}
