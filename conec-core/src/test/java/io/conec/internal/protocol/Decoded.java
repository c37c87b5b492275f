package io.conec.internal.protocol;

import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** What a {@link FrameDecoder} has delivered. */
final class Decoded implements FrameDecoder.Sink {
    final List<byte[]> frames = new ArrayList<>();
    int ends;

    /** Decodes the bytes, all at once, with that limit. */
    static Decoded of(byte[] bytes, int maxPayload) {
        Decoded decoded = new Decoded();
        new FrameDecoder(maxPayload, decoded).decode(Unpooled.wrappedBuffer(bytes));
        return decoded;
    }

    @Override
    public void frame(byte[] payload) {
        frames.add(payload);
    }

    @Override
    public void end() {
        ends++;
    }
}
