package io.conec.internal.transport;

import io.conec.internal.protocol.RelayPacket;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DatagramPacket;

/** A coordinator's router: QUIC goes to the server codec, the rest to the relay. */
class CoordinatorRouter extends PacketRouter implements DatagramSender {
    private final DatagramHandler relay;
    private final boolean segments;
    /** The system's buffer was. */
    private boolean full;

    CoordinatorRouter(PacketCounts counts, DatagramHandler relay, boolean segments) {
        super(counts, false);
        this.relay = relay;
        this.segments = segments;
    }

    @Override
    void route(DatagramPacket packet) {
        if (RelayPacket.isQuic(packet.content())) {
            toServerCodec(packet);
        } else if (!relay.handle(packet, this)) {
            drop(packet);
        }
    }

    @Override
    void batchComplete() {
        relay.batchComplete(this);
    }

    @Override
    public void send(DatagramPacket packet) {
        context().write(packet);
    }

    @Override
    public void flush() {
        context().flush();
        full = waits();
    }

    @Override
    public boolean isWritable() {
        full = full && waits();
        return !full;
    }

    private boolean waits() {
        ChannelOutboundBuffer buffer = context().channel().unsafe().outboundBuffer();
        return buffer != null && !buffer.isEmpty();
    }

    @Override
    public boolean segments() {
        return segments;
    }

    @Override
    public ByteBufAllocator allocator() {
        return Endpoint.ALLOCATOR;
    }
}
