package io.conec.coordinator;

import io.conec.internal.protocol.LinkCheck;
import io.conec.internal.protocol.RelayPacket;
import io.conec.internal.transport.DatagramHandler;
import io.conec.internal.transport.DatagramSender;
import io.conec.internal.transport.PacketCounts;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Forwards the packets of peer connections: looks the handle up, checks the sender, replaces the handle, sends the same buffer on. Decrypts nothing, and has no key to.
 * Packets of one size for one receiver leave together (GSO). One for each socket, and owned by its event loop.
 */
final class Relay implements DatagramHandler {
    /** 32 packets of at most 1,500 bytes stay below the 65,507 that one call may carry. */
    static final int MAX_SEGMENTS = 32;

    static final int MAX_PACKET_BYTES = 1_500;

    /** With so much to send it does, though there is more to read: receivers have something to do meanwhile, and little waits if the system does not take it. */
    private static final int FLUSH_BYTES = 65_536;

    /** Also with so many packets, which keep a buffer of 64 KiB each if they came alone. */
    private static final int FLUSH_PACKETS = 256;

    private static final long REFUSED_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final RelayTable table;
    private final PacketCounts counts;
    private final LongSupplier nanoTime;

    private final ByteBuf[] batch = new ByteBuf[MAX_SEGMENTS];
    private int batched;
    private int segmentSize;
    /** Whether the packets of the batch lie in memory one behind the other. */
    private boolean adjoins;

    private @Nullable InetSocketAddress batchReceiver;
    private int unflushedBytes;
    private int unflushedPackets;
    /** Until then no notice is asked for again: relays share the number of notices, and a lock for it. */
    private long noNoticeUntil;

    Relay(RelayTable table, PacketCounts counts, LongSupplier nanoTime) {
        this.table = table;
        this.counts = counts;
        this.nanoTime = nanoTime;
        this.noNoticeUntil = nanoTime.getAsLong();
    }

    @Override
    public boolean handle(DatagramPacket packet, DatagramSender socket) {
        ByteBuf content = packet.content();
        int kind = RelayPacket.kind(content);
        if (kind == LinkCheck.CHECK && content.readableBytes() == LinkCheck.BYTES) {
            return answerCheck(packet, socket);
        }
        if (kind != RelayPacket.RELAY || content.readableBytes() > MAX_PACKET_BYTES) {
            return false;
        }
        RelayTable.Leg leg = table.leg(RelayPacket.handle(content));
        if (leg == null) {
            notifyUnknown(packet, socket);
            return false;
        }
        InetSocketAddress receiver = leg.receiver().address();
        if (!packet.sender().equals(leg.owner().address())) {
            // Perhaps the owner's NAT has given it another address; a link check will tell it.
            notifyUnknown(packet, socket);
            return false;
        }
        if (receiver == null || !socket.isWritable()) {
            return false;
        }
        int bytes = content.readableBytes();
        if (!leg.owner().mayRelay(bytes, nanoTime.getAsLong())) {
            return false;
        }
        RelayPacket.replaceHandle(content, leg.receiverHandle());
        add(content, bytes, receiver, socket);
        counts.relayed(bytes);
        return true;
    }

    @Override
    public void batchComplete(DatagramSender socket) {
        sendBatch(socket);
        if (unflushedPackets > 0) {
            flush(socket);
        }
    }

    /** The last packet of a segmented send may be shorter than the others, no other. */
    private void add(ByteBuf content, int bytes, InetSocketAddress receiver, DatagramSender socket) {
        boolean fits = batched > 0
                && batched < (socket.segments() ? MAX_SEGMENTS : 1)
                && receiver.equals(batchReceiver)
                && bytes <= segmentSize
                && batch[batched - 1].readableBytes() == segmentSize;
        if (!fits) {
            sendBatch(socket);
            batchReceiver = receiver;
            segmentSize = bytes;
            adjoins = true;
        } else if (!adjoinsLast(content)) {
            adjoins = false;
        }
        batch[batched++] = content;
    }

    private void sendBatch(DatagramSender socket) {
        InetSocketAddress receiver = batchReceiver;
        if (batched == 0 || receiver == null) {
            return;
        }
        if (batched == 1) {
            socket.send(new DatagramPacket(batch[0], receiver));
        } else {
            ByteBuf together = adjoins ? joined() : composed(socket.allocator());
            socket.send(new SegmentedDatagramPacket(together, segmentSize, receiver));
        }
        unflushedBytes += segmentSize * batched;
        unflushedPackets += batched;
        java.util.Arrays.fill(batch, 0, batched, null);
        batched = 0;
        if (unflushedBytes >= FLUSH_BYTES || unflushedPackets >= FLUSH_PACKETS) {
            flush(socket);
        }
    }

    private void flush(DatagramSender socket) {
        unflushedBytes = 0;
        unflushedPackets = 0;
        socket.flush();
    }

    /** Whether the packet lies in memory behind the last one of the batch, as the packets of one read do with GRO. */
    @SuppressWarnings("ReferenceEquality") // The same memory, not the same bytes.
    private boolean adjoinsLast(ByteBuf content) {
        ByteBuf last = batch[batched - 1];
        return content.unwrap() != null
                && content.unwrap() == last.unwrap()
                && content.hasMemoryAddress()
                && last.memoryAddress() + last.writerIndex() == content.memoryAddress() + content.readerIndex();
    }

    /** The batch as the one piece of memory that it is. */
    private ByteBuf joined() {
        ByteBuf read = batch[0].unwrap();
        ByteBuf last = batch[batched - 1];
        long begin = batch[0].memoryAddress() + batch[0].readerIndex();
        long end = last.memoryAddress() + last.writerIndex();
        ByteBuf joined = read.retainedSlice((int) (begin - read.memoryAddress()), (int) (end - begin));
        for (int i = 0; i < batched; i++) {
            batch[i].release();
        }
        return joined;
    }

    private ByteBuf composed(ByteBufAllocator allocator) {
        CompositeByteBuf composed = allocator.compositeDirectBuffer(batched);
        for (int i = 0; i < batched; i++) {
            composed.addComponent(true, batch[i]);
        }
        return composed;
    }

    private boolean answerCheck(DatagramPacket packet, DatagramSender socket) {
        if (!mayNotify()) {
            return false;
        }
        long handle = LinkCheck.handle(packet.content());
        ConnectedClient client = table.link(handle);
        LinkCheck.Status status = client == null
                ? LinkCheck.Status.UNKNOWN
                : packet.sender().equals(client.address()) ? LinkCheck.Status.KNOWN : LinkCheck.Status.MOVED;
        ByteBuf answer = new LinkCheck(handle, status, packet.sender()).encodeStatus(socket.allocator());
        socket.send(new DatagramPacket(answer, packet.sender()));
        unflushedPackets++;
        packet.release();
        return true;
    }

    private boolean mayNotify() {
        long now = nanoTime.getAsLong();
        if (now - noNoticeUntil < 0) {
            return false;
        }
        boolean may = table.mayNotify(now);
        if (!may) {
            noNoticeUntil = now + REFUSED_NANOS;
        }
        return may;
    }

    private void notifyUnknown(DatagramPacket packet, DatagramSender socket) {
        if (mayNotify()) {
            ByteBuf notice = socket.allocator().directBuffer(RelayPacket.HEADER_BYTES);
            RelayPacket.writeHeader(notice, RelayPacket.UNKNOWN_HANDLE, RelayPacket.handle(packet.content()));
            socket.send(new DatagramPacket(notice, packet.sender()));
            unflushedPackets++;
        }
    }
}
