package io.conec.coordinator;

import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.TransportConfig;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.protocol.Control;
import io.conec.internal.transport.Endpoint;
import io.conec.internal.transport.EndpointConfig;
import io.conec.internal.transport.PacketCounts;
import io.conec.internal.transport.Verification;
import io.conec.security.Identity;
import io.conec.security.Trust;
import io.conec.testing.NoDatagrams;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Links for connected clients to have, which nobody answers. */
final class UnansweredLinks implements AutoCloseable {
    private final Endpoint endpoint;

    UnansweredLinks(Identity identity) {
        endpoint = Endpoint.client(
                new EndpointConfig(
                        "unanswered",
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        identity,
                        false,
                        TransportConfig.DEFAULTS),
                new PacketCounts(),
                from -> null,
                new NoDatagrams());
    }

    ConnectedChannel link() throws Exception {
        CompletableFuture<ConnectedChannel> link = new CompletableFuture<>();
        endpoint.execute(() -> endpoint.dial(
                endpoint.localAddress(),
                "localhost",
                Verification.ofClient(Trust.selfSigned()),
                endpoint.credentials(),
                connection -> {
                    ConnectedChannel channel = new ConnectedChannel(
                            connection,
                            ConecChannel.Kind.COORDINATOR,
                            new Dispatcher(Runnable::run, "unanswered"),
                            TransportConfig.DEFAULTS,
                            new Silent());
                    link.complete(channel);
                    return channel;
                }));
        return link.get(10, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        endpoint.close();
    }

    private static final class Silent implements ConnectedChannel.Role {
        @Override
        public void established(ConnectedChannel channel) {}

        @Override
        public void control(ConnectedChannel channel, Control message) {}

        @Override
        public void closed(ConnectedChannel channel, CloseReason reason) {}
    }
}
