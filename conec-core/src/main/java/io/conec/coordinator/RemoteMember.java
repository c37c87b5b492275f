package io.conec.coordinator;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import io.conec.internal.channel.DataStream;
import io.conec.internal.channel.Inbound;
import io.conec.internal.protocol.Frames;
import io.conec.internal.protocol.GroupFrame;
import io.conec.internal.protocol.GroupLoss;
import io.conec.internal.protocol.GroupState;
import io.netty.buffer.ByteBuf;

/** A client's membership: a stream of its link. Owned by the event loop. */
final class RemoteMember implements Member.Outlet, Inbound {
    private final Groups groups;
    private final Group group;
    private final ConnectedClient client;
    private final DataStream stream;
    private final int maxMessageBytes;
    private final Member member;
    private boolean finished;
    private boolean left;

    /**
     * @param maxMessageBytes what the coordinator takes
     * @param takesBytes what the client takes
     */
    RemoteMember(
            Groups groups,
            Group group,
            ConnectedClient client,
            GroupOptions options,
            DataStream stream,
            int maxMessageBytes,
            int takesBytes) {
        this.groups = groups;
        this.group = group;
        this.client = client;
        this.stream = stream;
        this.maxMessageBytes = maxMessageBytes;
        this.member = new Member(client.id(), options, takesBytes, groups.newQueue(group, options), this);
        stream.onTaken(() -> groups.drain(group, member));
    }

    Group group() {
        return group;
    }

    ConnectedClient client() {
        return client;
    }

    Member member() {
        return member;
    }

    // The group's side.

    @Override
    public boolean isReady() {
        return stream.sendsSoon();
    }

    @Override
    public void deliver(Broadcast message) {
        stream.sendEncoded(message.frame(stream.allocator()), 1, message.payload().length);
    }

    @Override
    public void lost(long messages) {
        send(GroupFrame.newBuilder()
                .setLoss(GroupLoss.newBuilder().setMessages(messages))
                .build());
    }

    @Override
    public void state(int members, int senders, int receivers) {
        send(GroupFrame.newBuilder()
                .setState(GroupState.newBuilder()
                        .setMembers(members)
                        .setSenders(senders)
                        .setReceivers(receivers)
                        .setMaxMessageBytes(maxMessageBytes))
                .build());
    }

    @Override
    public void sentAll() {
        if (finished) {
            leave();
        } else {
            // Later, as what is read then goes into the group, which is in the middle of passing on.
            groups.later(stream::read);
        }
    }

    @Override
    public void end(ErrorCode code, String message) {
        stream.reset(code, message);
    }

    // The client's side.

    @Override
    public void message(byte[] payload) {
        if (!member.options().sends()) {
            throw new ConecException(
                    ErrorCode.PROTOCOL_VIOLATION, "a member that joined without sending has sent a message");
        }
        stream.received(1, payload.length);
        groups.publish(group, member, payload, () -> {});
    }

    @Override
    public boolean hasRoom() {
        return member.pending.isEmpty();
    }

    @Override
    public void end() {
        finished = true;
        if (member.pending.isEmpty()) {
            leave();
        }
    }

    @Override
    public void fail(ConecException cause, boolean channelEnded) {
        leave();
    }

    private void leave() {
        if (!left) {
            left = true;
            groups.left(this);
            stream.finish();
        }
    }

    private void send(GroupFrame frame) {
        ByteBuf encoded = Frames.of(stream.allocator(), frame);
        try {
            stream.sendEncoded(encoded, 0, 0);
        } finally {
            encoded.release();
        }
    }
}
