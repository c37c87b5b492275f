package io.conec.internal.channel;

import com.google.protobuf.UnsafeByteOperations;
import io.conec.ClientId;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ErrorCode;
import io.conec.StreamHandler;
import io.conec.internal.protocol.AnswerFrame;
import io.conec.internal.protocol.RequestFrame;
import io.conec.internal.transport.LoopBorrower;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A request of the other side's on a stream that requests share. To its handler it is a stream with one message each way: the request and the end of the other side's messages are there from the start, and the first message that the handler
 * sends is the answer.
 *
 * <pre>
 *   UNDECIDED --accepted--> OPEN --finished by both sides--> ENDED
 *       |                     `--reset, or not wanted any more, or end of the channel--> ENDED
 *       `--refused--> ENDED
 * </pre>
 */
final class AnsweredRequest implements Incoming, Outbound {
    private enum State {
        UNDECIDED,
        OPEN,
        ENDED
    }

    private final AnswerStream stream;
    private final ConnectedChannel channel;
    private final long number;
    private final long id;
    private final String name;
    private final Map<String, String> headers;
    private final Closing closing;
    private volatile @Nullable ApplicationStream application;

    // Owned by the event loop, until there is a decision.
    private byte @Nullable [] payload;
    private @Nullable ScheduledFuture<?> deadline;

    // Guarded by this.
    private State state = State.UNDECIDED;
    private @Nullable ConecException failure;
    private boolean answered;
    private CompletableFuture<Void> answer = CompletableFuture.completedFuture(null);
    private boolean finished;
    private boolean finishedByPeer;

    AnsweredRequest(AnswerStream stream, RequestFrame frame) {
        this.stream = stream;
        this.channel = stream.channel();
        this.closing = new Closing(channel.dispatcher());
        this.number = frame.getNumber();
        this.id = channel.nextRequestId();
        this.name = frame.getHeader().getName();
        this.headers = DataStream.headers(frame.getHeader());
        this.payload = frame.getPayload().toByteArray();
    }

    /** The other side's. */
    long number() {
        return number;
    }

    /** The handler's view of it, while it is open. Any thread. */
    @Nullable
    ApplicationStream openApplication() {
        ApplicationStream handled = application;
        synchronized (this) {
            return state == State.OPEN ? handled : null;
        }
    }

    // What the other side does, on the event loop.

    @Override
    public synchronized boolean isUndecided() {
        return state == State.UNDECIDED;
    }

    /** When it is refused if nobody has decided. */
    void deadline(ScheduledFuture<?> refusing) {
        deadline = refusing;
    }

    @Override
    public void accept(StreamHandler handler) {
        byte[] message = payload;
        synchronized (this) {
            if (state != State.UNDECIDED || message == null) {
                throw new IllegalStateException(this + " is " + state);
            }
            state = State.OPEN;
        }
        decided();
        ApplicationStream made =
                new ApplicationStream(this, channel.dispatcher(), channel.config(), LoopBorrower.never());
        application = made;
        made.message(message);
        made.end();
        channel.opened(made, true);
        stream.execute(() -> ConnectedChannel.handle(handler, made, this));
    }

    @Override
    public void refuse(ConecException reason) {
        if (isUndecided()) {
            channel.refused(name, reason.code(), false);
            stream.sendFailure(number, reason.code(), reason.getMessage());
            ended(reason);
        }
    }

    private void decided() {
        payload = null;
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    /** The other side has the answer, or does not want it any more. */
    void finishedByPeer() {
        boolean unanswered;
        synchronized (this) {
            finishedByPeer = true;
            unanswered = !answered;
        }
        if (unanswered) {
            fail(new ConecException(ErrorCode.CANCELLED, "the other side waits for no answer any more"), false);
        } else {
            endIfFinished();
        }
    }

    /** Nothing more can be answered. */
    void fail(ConecException cause, boolean channelEnded) {
        if (ended(cause)) {
            ApplicationStream told = application;
            if (told != null) {
                told.fail(cause, channelEnded);
            }
        }
    }

    private void resetNow(ErrorCode code, String message) {
        boolean unanswered;
        synchronized (this) {
            unanswered = !answered && state != State.ENDED;
            answered = true;
        }
        if (unanswered) {
            stream.sendFailure(number, code, message);
        }
        fail(new ConecException(code, message.isEmpty() ? "this side reset the stream" : message), false);
    }

    // What the handler does, on any thread.

    @Override
    public ConecChannel channel() {
        return channel;
    }

    @Override
    public long id() {
        return id;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, String> headers() {
        return headers;
    }

    @Override
    public CompletableFuture<Void> send(ConecMessage message) {
        int limit = stream.maxAnswerBytes();
        if (message.size() > limit) {
            return CompletableFuture.failedFuture(SendQueue.tooLarge(message.size(), limit));
        }
        synchronized (this) {
            if (failure != null) {
                return CompletableFuture.failedFuture(failure);
            }
            if (finished || answered) {
                return CompletableFuture.failedFuture(
                        finished
                                ? new ConecException(ErrorCode.STREAM_CLOSED, "this side has finished sending")
                                : new ConecException(ErrorCode.CANCELLED, "the other side wants one answer"));
            }
            AnswerFrame frame = AnswerFrame.newBuilder()
                    .setNumber(number)
                    .setPayload(UnsafeByteOperations.unsafeWrap(message.bytes()))
                    .build();
            answered = true;
            answer = stream.send(frame, 1, message.size());
            return answer;
        }
    }

    /** What QUIC has to take is the answer, or that there is none. */
    @Override
    public CompletableFuture<Void> finish() {
        CompletableFuture<Void> last;
        synchronized (this) {
            if (failure != null && !finished) {
                return CompletableFuture.failedFuture(failure);
            }
            if (!answered) {
                answered = true;
                answer = stream.send(AnswerFrame.newBuilder().setNumber(number).build(), 0, 0);
            }
            finished = true;
            last = answer;
        }
        endIfFinished();
        return last;
    }

    @Override
    public void finishUnheard() {
        finish();
    }

    /** The other side has sent all it will. */
    @Override
    public void stopReceiving(ErrorCode code) {}

    @Override
    public void reset(ErrorCode code, String message) {
        channel.execute(() -> resetNow(code, message));
    }

    @Override
    public CompletableFuture<ErrorCode> closed() {
        return closing.future();
    }

    /** There is always room for the one message. */
    @Override
    public void read() {}

    @Override
    public void received(int messages, long payloadBytes) {
        channel.traffic().received(messages, payloadBytes);
    }

    @Override
    public String toString() {
        return "request " + number + " \"" + ClientId.escape(name) + "\" of " + channel;
    }

    private void endIfFinished() {
        synchronized (this) {
            if (!finished || !finishedByPeer) {
                return;
            }
        }
        ended(null);
    }

    /** Returns whether it had not ended before. */
    private boolean ended(@Nullable ConecException cause) {
        synchronized (this) {
            if (state == State.ENDED) {
                return false;
            }
            if (state == State.UNDECIDED) {
                decided();
            }
            state = State.ENDED;
            failure = cause;
        }
        stream.ended(this);
        closing.close(cause == null ? ErrorCode.NO_ERROR : cause.code());
        return true;
    }
}
