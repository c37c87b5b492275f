package io.conec.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;

/** Packets that look as if a QUIC connection began (RFC 9000, section 17.2.2). */
public final class QuicInitial {
    private static final int SIZE = 1_200;

    private QuicInitial() {}

    /** An Initial packet with connection ids drawn from the seed, whose contents nobody can decrypt. */
    public static byte[] unfinished(long seed) {
        Random random = new Random(seed);
        byte[] id = new byte[16];
        ByteBuf packet = Unpooled.buffer(SIZE);
        packet.writeByte(0xc3).writeInt(1);
        for (int i = 0; i < 2; i++) {
            random.nextBytes(id);
            packet.writeByte(id.length).writeBytes(id);
        }
        packet.writeByte(0);
        // A varint of two bytes: what follows it.
        packet.writeShort(0x4000 | (SIZE - packet.writerIndex() - 2));
        byte[] rest = new byte[SIZE - packet.writerIndex()];
        random.nextBytes(rest);
        packet.writeBytes(rest);
        return packet.array();
    }
}
