package io.conec.client;

import io.conec.CloseReason;
import io.conec.ConecEvent;
import io.conec.ConecException;
import io.conec.ConecGroup;
import io.conec.ConecMessage;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import io.conec.internal.channel.ConnectedChannel;
import io.conec.internal.channel.DataStream;
import io.conec.internal.channel.Dispatcher;
import io.conec.internal.channel.Inbound;
import io.conec.internal.channel.Membership;
import io.conec.internal.protocol.GroupFrame;
import io.conec.internal.protocol.GroupFrames;
import io.conec.internal.protocol.GroupState;
import io.conec.internal.protocol.StreamHeader;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A client's membership: one stream after the other, as links come and go. Owned by the event loop; the methods of {@link ConecGroup} are for any thread.
 *
 * <pre>
 * joining --first state--> joined --link lost--> away
 *    |  ^                    |                    |
 *    |  '--------link up-----+--------------------'       any --left, reset by the coordinator, closed--> ended
 *    '--refused--> ended
 * </pre>
 */
final class GroupMembership extends Membership {
    private final ClientConfig config;
    private final ClientGroups groups;
    private final CompletableFuture<ConecGroup> outcome;
    private final StreamHeader header;
    private @Nullable Attempt current;
    private volatile boolean joinedOnce;
    private volatile @Nullable ConecException over;

    /** What the application's threads send by and read from, while joined. */
    private volatile @Nullable Attempt joined;

    GroupMembership(
            String name,
            GroupOptions options,
            ClientConfig config,
            Dispatcher dispatcher,
            ClientGroups groups,
            CompletableFuture<ConecGroup> outcome) {
        super(name, options, dispatcher, config.transport().receiveBufferBytes());
        this.config = config;
        this.groups = groups;
        this.outcome = outcome;
        this.header = StreamHeader.newBuilder()
                .setName(name)
                .setJoinGroup(GroupFrames.join(options, config.transport().maxMessageBytes()))
                .build();
        onRoom(this::readAgain);
    }

    // The application's side.

    @Override
    public boolean isJoined() {
        return joined != null;
    }

    @Override
    public CompletableFuture<Void> send(ConecMessage message) {
        requireSends();
        ConecException ended = over;
        if (ended != null) {
            return CompletableFuture.failedFuture(ended);
        }
        Attempt by = joined;
        if (by == null) {
            return CompletableFuture.failedFuture(ClientGroups.notConnected());
        }
        if (message.size() > by.maxMessageBytes) {
            return CompletableFuture.failedFuture(new ConecException(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "a message of " + message.size() + " bytes is over the coordinator's limit of " + by.maxMessageBytes
                            + " bytes"));
        }
        return by.stream.send(message);
    }

    @Override
    public void close() {
        end(new CloseReason(ErrorCode.NO_ERROR, "", false));
    }

    private void readAgain() {
        Attempt from = joined;
        if (from != null) {
            from.stream.read();
        }
    }

    // The coordinator's side.

    /** Whether it has ever been joined. Any thread. */
    boolean hasJoined() {
        return joinedOnce;
    }

    /** Joins by this link. */
    void join(ConnectedChannel link) {
        link.openStream(
                header,
                config.transport().maxMessageBytes() + GroupFrames.MAX_OVERHEAD,
                stream -> {
                    Attempt attempt = new Attempt(stream);
                    current = attempt;
                    return attempt;
                },
                stream -> {
                    Attempt attempt = current;
                    groups.afterRequestTimeout(() -> requireAnswer(attempt));
                },
                // Without a link there will be another.
                failure -> failed(failure, failure.code() != ErrorCode.STREAM_LIMIT));
    }

    private void requireAnswer(@Nullable Attempt attempt) {
        if (attempt != null && attempt == current && attempt.maxMessageBytes < 0) {
            attempt.stream.reset(ErrorCode.TIMEOUT, "the coordinator does not tell how the group is");
        }
    }

    /** It could not be joined, or is no more; {@code forNow} if it is to be again with the next link. */
    void failed(ConecException cause, boolean forNow) {
        current = null;
        joined = null;
        if (!joinedOnce) {
            over = cause;
            groups.ended(this);
            dispatcher().execute(() -> outcome.completeExceptionally(cause));
        } else if (!forNow) {
            end(new CloseReason(cause.code(), cause.getMessage(), true));
        }
    }

    /** Ends it. Any thread; the first reason counts. */
    void end(CloseReason reason) {
        if (ended(reason)) {
            over = reason.code() == ErrorCode.NO_ERROR
                    ? new ConecException(ErrorCode.STREAM_CLOSED, "this side has left the group")
                    : new ConecException(reason.code(), reason.message());
            joined = null;
            groups.execute(this::leave);
            dispatcher().publish(new ConecEvent.GroupLeft(this, reason));
        }
    }

    private void leave() {
        groups.ended(this);
        ConecException cause = over;
        if (!joinedOnce && cause != null) {
            dispatcher().execute(() -> outcome.completeExceptionally(cause));
        }
        Attempt by = current;
        current = null;
        // Once more: it may just have been joined.
        joined = null;
        if (by != null && by.maxMessageBytes >= 0) {
            // Behind what was sent before.
            by.stream.finish();
            by.stream.stopReceiving(ErrorCode.CANCELLED);
        } else if (by != null) {
            by.stream.reset(ErrorCode.CANCELLED, "");
        }
    }

    /** The membership by one link. */
    private final class Attempt implements Inbound {
        private final DataStream stream;
        /** What the coordinator takes; negative before it has said so, which makes a member. */
        private volatile int maxMessageBytes = -1;

        Attempt(DataStream stream) {
            this.stream = stream;
        }

        @Override
        public void message(byte[] payload) {
            GroupFrame frame = GroupFrames.parse(payload);
            switch (frame.getKindCase()) {
                case DELIVERY -> {
                    byte[] content = frame.getDelivery().getPayload().toByteArray();
                    stream.received(1, content.length);
                    String sender = frame.getDelivery().getSender();
                    received(sender.isEmpty() ? config.coordinatorHost() : sender, sender.isEmpty(), content);
                }
                case LOSS -> countLost(frame.getLoss().getMessages());
                case STATE -> state(frame.getState());
                case KIND_NOT_SET -> {
                    // Of a later version.
                }
            }
        }

        private void state(GroupState state) {
            counts(state.getMembers(), state.getSenders(), state.getReceivers());
            boolean first = maxMessageBytes < 0;
            maxMessageBytes = Math.max(0, state.getMaxMessageBytes());
            if (!first || over != null) {
                return;
            }
            boolean again = joinedOnce;
            joinedOnce = true;
            joined = this;
            dispatcher().publish(new ConecEvent.GroupJoined(GroupMembership.this, again));
            if (!again) {
                dispatcher().execute(() -> {
                    if (!outcome.complete(GroupMembership.this)) {
                        // Nobody waits for it any more.
                        close();
                    }
                });
            }
        }

        @Override
        public void readComplete() {
            GroupMembership.this.readComplete();
        }

        @Override
        public boolean mayWait() {
            return GroupMembership.this.mayWait();
        }

        @Override
        public boolean hasRoom() {
            return GroupMembership.this.hasRoom();
        }

        @Override
        public void end() {
            readComplete();
            if (current == this) {
                failed(new ConecException(ErrorCode.STREAM_CLOSED, "the coordinator has ended the membership"), false);
            }
        }

        @Override
        public void fail(ConecException cause, boolean channelEnded) {
            readComplete();
            if (current == this) {
                failed(cause, channelEnded);
            }
        }
    }
}
