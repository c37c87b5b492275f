package io.conec.internal.transport;

import io.conec.internal.protocol.RelayPacket;
import io.netty.channel.socket.DatagramPacket;

/** A coordinator's router: QUIC goes to the server codec, the rest to the relay. */
final class CoordinatorRouter extends PacketRouter {
    private final DatagramHandler relay;

    CoordinatorRouter(PacketCounts counts, DatagramHandler relay) {
        super(counts, false);
        this.relay = relay;
    }

    @Override
    void route(DatagramPacket packet) {
        if (RelayPacket.isQuic(packet.content())) {
            toServerCodec(packet);
        } else if (!relay.handle(packet)) {
            drop(packet);
        }
    }

    @Override
    void batchComplete() {
        relay.batchComplete();
    }
}
