package io.conec.internal.transport;

import java.util.concurrent.atomic.LongAdder;

/** Counts what an endpoint did with datagrams. Written by its event loops, read anywhere. */
public final class PacketCounts {
    private final LongAdder relayed = new LongAdder();
    private final LongAdder relayedBytes = new LongAdder();
    private final LongAdder dropped = new LongAdder();

    /** One packet of that size was forwarded between two clients. */
    public void relayed(int bytes) {
        relayed.increment();
        relayedBytes.add(bytes);
    }

    /** A datagram was dropped. */
    public void dropped() {
        dropped.increment();
    }

    public long relayedPackets() {
        return relayed.sum();
    }

    public long relayedBytes() {
        return relayedBytes.sum();
    }

    public long droppedPackets() {
        return dropped.sum();
    }
}
