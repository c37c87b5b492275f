package io.conec.internal.transport;

import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * How often a socket is read before QUIC acknowledges and sends: until {@link #BYTES} have come or {@link #DATAGRAMS}. Netty's default for buffers of a fixed size is once: under load that makes a system call or two of each datagram,
 * which so never grow, as GSO and GRO make large ones only of what waits. What is large is bounded by the bytes, which may all be kept until then. A datagram that is kept, as a relay does, keeps its whole buffer: 16 MiB at most, with buffers of 64 KiB. Of what is small, such as the acknowledgements of a group's members, much is
 * read at a time when much waits, and what is to be sent because of it goes in fewer packets.
 */
public final class SocketReads extends DefaultMaxMessagesRecvByteBufAllocator {
    static final int BYTES = 1 << 20;
    static final int DATAGRAMS = 256;

    private final int bufferBytes;

    /** @param bufferBytes for each read */
    public SocketReads(int bufferBytes) {
        super(DATAGRAMS);
        this.bufferBytes = bufferBytes;
    }

    @Override
    @SuppressWarnings("deprecation") // Netty's own subclasses override it, too.
    public Handle newHandle() {
        return new MaxMessageHandle() {
            @Override
            public int guess() {
                return bufferBytes;
            }

            @Override
            public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
                return super.continueReading(maybeMoreData) && totalBytesRead() < BYTES;
            }
        };
    }
}
