package io.conec.coordinator;

import io.conec.ClientId;
import io.conec.internal.protocol.GroupFrames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way to the members of a group, encoded once for all of them. Whoever keeps it retains it, and releases it afterwards; it is made retained. Owned by the event loop.
 */
final class Broadcast {
    private final @Nullable ClientId sender;
    private final byte[] payload;
    private @Nullable ByteBuf frame;
    private int holders = 1;

    /** Without a sender it is the coordinator's. */
    Broadcast(@Nullable ClientId sender, byte[] payload) {
        this.sender = sender;
        this.payload = payload;
    }

    @Nullable
    ClientId sender() {
        return sender;
    }

    byte[] payload() {
        return payload;
    }

    /** What clients are sent. */
    ByteBuf frame(ByteBufAllocator allocator) {
        ByteBuf encoded = frame;
        if (encoded == null) {
            encoded = GroupFrames.delivery(allocator, sender == null ? "" : sender.value(), payload);
            frame = encoded;
        }
        return encoded;
    }

    Broadcast retain() {
        holders++;
        return this;
    }

    void release() {
        if (--holders == 0 && frame != null) {
            frame.release();
        }
    }
}
