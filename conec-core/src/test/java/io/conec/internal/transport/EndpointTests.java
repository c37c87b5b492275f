package io.conec.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ClientId;
import io.conec.TransportConfig;
import io.conec.internal.protocol.RelayPacket;
import io.conec.security.Identity;
import io.conec.testing.NoDatagrams;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The socket and its network thread. */
final class EndpointTests {
    /** 65,535, the IP packet's limit, less the headers of IP and UDP. Netty does not check. */
    @Test
    void handsTheKernelNoMoreThanOneCallMayCarry() {
        int largest = EndpointConfig.PAYLOAD_BYTES + RelayPacket.HEADER_BYTES;

        assertThat(Endpoint.GSO_SEGMENTS).isLessThanOrEqualTo(32);
        assertThat(Endpoint.GSO_SEGMENTS * largest).isLessThanOrEqualTo(65_507);
    }

    @Test
    void saysWhetherATaskWillRun() {
        EndpointConfig config = new EndpointConfig(
                "test",
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Identity.generate(new ClientId("alice")),
                false,
                TransportConfig.DEFAULTS);
        Endpoint endpoint = Endpoint.client(config, new PacketCounts(), from -> null, new NoDatagrams());
        CompletableFuture<Void> ran = new CompletableFuture<>();

        assertThat(endpoint.execute(() -> ran.complete(null))).isTrue();
        ran.join();
        endpoint.close();

        assertThat(endpoint.execute(() -> {})).isFalse();
    }
}
