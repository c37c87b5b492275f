package io.conec.internal.transport;

import io.conec.internal.protocol.RelayPacket;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DatagramPacket;
import org.jspecify.annotations.Nullable;

/** A coordinator's router: QUIC goes to the server codec, the rest to the relay. */
class CoordinatorRouter extends PacketRouter implements DatagramSender {
    private final DatagramHandler relay;
    private final boolean segments;
    /** What was sent last, and what was when it was flushed last. */
    private @Nullable ChannelFuture sent;

    private @Nullable ChannelFuture flushed;

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
        sent = context().write(packet);
    }

    @Override
    public void flush() {
        context().flush();
        flushed = sent;
    }

    /** Not by the socket's queue, in which QUIC may always have something. */
    @Override
    public boolean isWritable() {
        return flushed == null || flushed.isDone();
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
