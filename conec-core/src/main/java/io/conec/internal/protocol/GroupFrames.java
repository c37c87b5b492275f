package io.conec.internal.protocol;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import io.conec.SlowReceiver;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.time.Duration;

/** Frames of a membership, from the coordinator to the member. */
public final class GroupFrames {
    /** The most that a {@link GroupFrame} takes besides the payload that it delivers: a sender's id is at most 253 bytes long. */
    public static final int MAX_OVERHEAD = 300;

    /** Of a block: longer than any coordinator waits. */
    private static final long MOST_MILLIS = 24 * 60 * 60 * 1_000L;

    /** The wire type of strings, bytes and messages (Protocol Buffers, "Encoding"). */
    private static final int LENGTH_DELIMITED = 2;

    private GroupFrames() {}

    /** The request of a client that takes messages up to this size. */
    public static JoinGroup join(GroupOptions options, int maxMessageBytes) {
        JoinGroup.Builder join = JoinGroup.newBuilder()
                .setSends(options.sends())
                .setReceives(options.receives())
                .setOwnMessages(options.ownMessages())
                .setMaxMessageBytes(maxMessageBytes)
                .setMaxMessages(options.slowReceiver().maxMessages());
        if (options.slowReceiver() instanceof SlowReceiver.Block block) {
            join.setSlowReceiver(SlowReceiverPolicy.BLOCK)
                    .setMaxBlockMillis(block.atMost().toMillis());
        } else if (options.slowReceiver() instanceof SlowReceiver.DropOldest) {
            join.setSlowReceiver(SlowReceiverPolicy.DROP_OLDEST);
        } else {
            join.setSlowReceiver(SlowReceiverPolicy.DISCONNECT);
        }
        return join.build();
    }

    /**
     * What a client asks for.
     *
     * @throws ConecException with {@link ErrorCode#PROTOCOL_VIOLATION}
     */
    public static GroupOptions options(JoinGroup join) {
        try {
            SlowReceiver slowReceiver = switch (join.getSlowReceiver()) {
                case BLOCK ->
                    SlowReceiver.block(
                            join.getMaxMessages(), Duration.ofMillis(Math.min(join.getMaxBlockMillis(), MOST_MILLIS)));
                case DROP_OLDEST -> SlowReceiver.dropOldest(join.getMaxMessages());
                case DISCONNECT -> SlowReceiver.disconnect(join.getMaxMessages());
                case UNRECOGNIZED ->
                    throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "no known policy for slow receivers");
            };
            return new GroupOptions(join.getSends(), join.getReceives(), join.getOwnMessages(), slowReceiver);
        } catch (ConecException e) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, e.getMessage(), e);
        }
    }

    /**
     * A frame that delivers a message, as {@link Frames#of} would write it, with one copy of the payload instead of three. In a buffer of its own, which is the caller's to release.
     *
     * @param sender empty for the coordinator
     */
    public static ByteBuf delivery(ByteBufAllocator allocator, String sender, byte[] payload) {
        int senderBytes =
                sender.isEmpty() ? 0 : CodedOutputStream.computeStringSize(GroupDelivery.SENDER_FIELD_NUMBER, sender);
        int payloadBytes = payload.length == 0
                ? 0
                : CodedOutputStream.computeByteArraySize(GroupDelivery.PAYLOAD_FIELD_NUMBER, payload);
        int delivery = senderBytes + payloadBytes;
        int frame = CodedOutputStream.computeTagSize(GroupFrame.DELIVERY_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(delivery)
                + delivery;
        byte[] head = new byte[CodedOutputStream.computeUInt32SizeNoTag(frame + 1) + frame - payload.length];
        CodedOutputStream out = CodedOutputStream.newInstance(head);
        try {
            out.writeUInt32NoTag(frame + 1);
            out.writeTag(GroupFrame.DELIVERY_FIELD_NUMBER, LENGTH_DELIMITED);
            out.writeUInt32NoTag(delivery);
            if (senderBytes > 0) {
                out.writeString(GroupDelivery.SENDER_FIELD_NUMBER, sender);
            }
            if (payloadBytes > 0) {
                out.writeTag(GroupDelivery.PAYLOAD_FIELD_NUMBER, LENGTH_DELIMITED);
                out.writeUInt32NoTag(payload.length);
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new IllegalStateException("the size of a frame was computed wrongly", e);
        }
        return allocator
                .directBuffer(head.length + payload.length)
                .writeBytes(head)
                .writeBytes(payload);
    }

    /**
     * Reads the payload of a frame. The payload of a delivery shares the array.
     *
     * @throws ConecException with {@link ErrorCode#PROTOCOL_VIOLATION}
     */
    public static GroupFrame parse(byte[] payload) {
        try {
            var in = UnsafeByteOperations.unsafeWrap(payload).newCodedInput();
            in.enableAliasing(true);
            return GroupFrame.parseFrom(in);
        } catch (IOException e) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "malformed frame of a group", e);
        }
    }
}
