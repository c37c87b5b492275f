package io.conec.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.internal.protocol.RelayPacket;
import io.conec.internal.transport.PacketCounts;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** What the relay does by itself. */
final class RelayTests {
    /** The clients of a coordinator that restarts go on sending, and its socket is there a moment before all else. */
    @Test
    void takesNothingBeforeItHasStarted() {
        Relay relay = new Relay(new PacketCounts(), System::nanoTime);
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        ByteBuf bytes = Unpooled.buffer();
        RelayPacket.writeHeader(bytes, RelayPacket.RELAY, 7);

        assertThat(relay.handle(new DatagramPacket(bytes, address, address))).isFalse();
        relay.batchComplete();
    }
}
