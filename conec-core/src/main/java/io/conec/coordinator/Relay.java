package io.conec.coordinator;

import io.conec.internal.protocol.LinkCheck;
import io.conec.internal.protocol.RelayPacket;
import io.conec.internal.protocol.TokenBucket;
import io.conec.internal.transport.DatagramHandler;
import io.conec.internal.transport.Endpoint;
import io.conec.internal.transport.PacketCounts;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.net.InetSocketAddress;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Forwards the packets of peer connections: looks the handle up, checks the sender, replaces the handle, sends the same buffer on. Decrypts nothing, and has no key to.
 * Packets of one size for one receiver leave together (GSO). Owned by the event loop.
 */
final class Relay implements DatagramHandler {
    /** One direction: packets that its owner sends under its handle. */
    private static final class Leg {
        final ConnectedClient owner;
        final ConnectedClient receiver;
        final long receiverHandle;

        Leg(ConnectedClient owner, ConnectedClient receiver, long receiverHandle) {
            this.owner = owner;
            this.receiver = receiver;
            this.receiverHandle = receiverHandle;
        }
    }

    /** 32 packets of at most 1,500 bytes stay below the 65,507 that one call may carry. */
    static final int MAX_SEGMENTS = 32;

    static final int MAX_PACKET_BYTES = 1_500;

    /**
     * Notices of unknown handles and answers to link checks, in all, a second. Neither is longer than what it answers. Enough for the clients of a full coordinator to find out
     * within a few seconds that it has been restarted.
     */
    private static final int NOTICES_PER_SECOND = 5_000;

    private final LongObjectMap<Leg> legs = new LongObjectHashMap<>();
    private final LongObjectMap<ConnectedClient> links = new LongObjectHashMap<>();
    private final PacketCounts counts;
    private final LongSupplier nanoTime;
    private final TokenBucket notices;
    private @Nullable Endpoint endpoint;

    private final ByteBuf[] batch = new ByteBuf[MAX_SEGMENTS];
    private int batched;
    private int segmentSize;
    /** Whether the packets of the batch lie in memory one behind the other. */
    private boolean adjoins;

    private @Nullable InetSocketAddress batchReceiver;
    private boolean unflushed;

    Relay(PacketCounts counts, LongSupplier nanoTime) {
        this.counts = counts;
        this.nanoTime = nanoTime;
        this.notices = new TokenBucket(NOTICES_PER_SECOND, nanoTime.getAsLong());
    }

    void endpoint(Endpoint value) {
        endpoint = value;
    }

    void connect(ConnectedClient a, long handleA, ConnectedClient b, long handleB) {
        legs.put(handleA, new Leg(a, b, handleB));
        legs.put(handleB, new Leg(b, a, handleA));
    }

    void disconnect(long handleA, long handleB) {
        legs.remove(handleA);
        legs.remove(handleB);
    }

    /** The client has registered: link checks with this handle are about it. */
    void linked(long linkHandle, ConnectedClient client) {
        links.put(linkHandle, client);
    }

    /** The client's link has ended. */
    void unlinked(long linkHandle) {
        links.remove(linkHandle);
    }

    @Override
    public boolean handle(DatagramPacket packet) {
        ByteBuf content = packet.content();
        if (endpoint == null) {
            // Bound a moment ago.
            return false;
        }
        int kind = RelayPacket.kind(content);
        if (kind == LinkCheck.CHECK && content.readableBytes() == LinkCheck.BYTES) {
            return answerCheck(packet);
        }
        if (kind != RelayPacket.RELAY || content.readableBytes() > MAX_PACKET_BYTES) {
            return false;
        }
        Leg leg = legs.get(RelayPacket.handle(content));
        if (leg == null) {
            notifyUnknown(packet);
            return false;
        }
        InetSocketAddress receiver = leg.receiver.address();
        if (!packet.sender().equals(leg.owner.address())) {
            // Perhaps the owner's NAT has given it another address; a link check will tell it.
            notifyUnknown(packet);
            return false;
        }
        if (receiver == null) {
            return false;
        }
        int bytes = content.readableBytes();
        if (!leg.owner.mayRelay(bytes, nanoTime.getAsLong())) {
            return false;
        }
        RelayPacket.replaceHandle(content, leg.receiverHandle);
        add(content, bytes, receiver);
        counts.relayed(bytes);
        return true;
    }

    @Override
    public void batchComplete() {
        sendBatch();
        if (unflushed) {
            unflushed = false;
            endpoint().flush();
        }
    }

    /** The last packet of a segmented send may be shorter than the others, no other. */
    private void add(ByteBuf content, int bytes, InetSocketAddress receiver) {
        boolean fits = batched > 0
                && batched < (endpoint().segments() ? MAX_SEGMENTS : 1)
                && receiver.equals(batchReceiver)
                && bytes <= segmentSize
                && batch[batched - 1].readableBytes() == segmentSize;
        if (!fits) {
            sendBatch();
            batchReceiver = receiver;
            segmentSize = bytes;
            adjoins = true;
        } else if (!adjoinsLast(content)) {
            adjoins = false;
        }
        batch[batched++] = content;
    }

    private void sendBatch() {
        InetSocketAddress receiver = batchReceiver;
        if (batched == 0 || receiver == null) {
            return;
        }
        if (batched == 1) {
            endpoint().send(new DatagramPacket(batch[0], receiver));
        } else {
            ByteBuf together = adjoins ? joined() : composed();
            endpoint().send(new SegmentedDatagramPacket(together, segmentSize, receiver));
        }
        java.util.Arrays.fill(batch, 0, batched, null);
        batched = 0;
        unflushed = true;
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

    private ByteBuf composed() {
        CompositeByteBuf composed = endpoint().allocator().compositeDirectBuffer(batched);
        for (int i = 0; i < batched; i++) {
            composed.addComponent(true, batch[i]);
        }
        return composed;
    }

    private boolean answerCheck(DatagramPacket packet) {
        if (!notices.take(1, nanoTime.getAsLong())) {
            return false;
        }
        long handle = LinkCheck.handle(packet.content());
        ConnectedClient client = links.get(handle);
        LinkCheck.Status status = client == null
                ? LinkCheck.Status.UNKNOWN
                : packet.sender().equals(client.address()) ? LinkCheck.Status.KNOWN : LinkCheck.Status.MOVED;
        ByteBuf answer = new LinkCheck(handle, status, packet.sender())
                .encodeStatus(endpoint().allocator());
        endpoint().send(new DatagramPacket(answer, packet.sender()));
        unflushed = true;
        packet.release();
        return true;
    }

    private void notifyUnknown(DatagramPacket packet) {
        if (notices.take(1, nanoTime.getAsLong())) {
            ByteBuf notice = endpoint().allocator().directBuffer(RelayPacket.HEADER_BYTES);
            RelayPacket.writeHeader(notice, RelayPacket.UNKNOWN_HANDLE, RelayPacket.handle(packet.content()));
            endpoint().send(new DatagramPacket(notice, packet.sender()));
            unflushed = true;
        }
    }

    private Endpoint endpoint() {
        if (endpoint == null) {
            throw new IllegalStateException("not started");
        }
        return endpoint;
    }
}
