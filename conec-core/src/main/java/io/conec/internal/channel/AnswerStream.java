package io.conec.internal.channel;

import com.google.protobuf.InvalidProtocolBufferException;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.internal.protocol.AnswerFrame;
import io.conec.internal.protocol.CarryRequests;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.RequestFrame;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** A stream of the other side's that carries its requests. The other end is a {@link RequestStream}. Owned by the event loop. */
final class AnswerStream implements Inbound {
    /** The largest message that a request on such a stream may have: a long one would hold up the others. */
    static final int MAX_REQUEST_BYTES = 16 * 1024;

    /** The largest frame: a message, with the longest header that anybody may send. */
    static final int MAX_FRAME_BYTES = MAX_REQUEST_BYTES + 64 * 1024;

    private final ConnectedChannel channel;
    private final DataStream stream;
    private final int maxAnswerBytes;
    /** Those that both sides have not finished. Read by any thread. */
    private final Map<Long, AnsweredRequest> requests = new ConcurrentHashMap<>();

    private final List<AnsweredRequest> arrived = new ArrayList<>();
    private final List<Runnable> handlers = new ArrayList<>();
    private boolean deciding;
    private boolean paused;

    AnswerStream(ConnectedChannel channel, DataStream stream, CarryRequests terms) {
        this.channel = channel;
        this.stream = stream;
        int limit = channel.config().maxMessageBytes();
        this.maxAnswerBytes = (int) Math.min(limit, Integer.toUnsignedLong(terms.getMaxMessageBytes()));
        stream.onTaken(this::readOn);
    }

    ConnectedChannel channel() {
        return channel;
    }

    /** The largest answer that both sides allow. Any thread. */
    int maxAnswerBytes() {
        return maxAnswerBytes;
    }

    /** Any thread. */
    Collection<AnsweredRequest> requests() {
        return requests.values();
    }

    /**
     * Sends an answer with so many messages, one or none. Never waits: a request has one answer, which would not wait on a stream of its own. Any thread.
     *
     * @return completes when QUIC has taken it
     */
    CompletableFuture<Void> send(AnswerFrame answer, int messages, int payloadBytes) {
        SendFuture taken = new SendFuture();
        ConecException refusal = stream.sendFrame(answer.toByteArray(), messages, payloadBytes, taken);
        return refusal == null ? taken : CompletableFuture.failedFuture(refusal);
    }

    /** Sends why a request has no answer, which nobody waits to hear. Any thread. */
    void sendFailure(long number, ErrorCode code, String message) {
        AnswerFrame answer = AnswerFrame.newBuilder()
                .setNumber(number)
                .setCode((int) code.code())
                .setMessage(Protocol.reason(message))
                .build();
        stream.sendFrame(answer.toByteArray(), 0, 0, null);
    }

    /** The request is over for both sides. Any thread. */
    void ended(AnsweredRequest request) {
        if (channel.connection().eventLoop().inEventLoop()) {
            forget(request);
        } else {
            channel.execute(() -> forget(request));
        }
    }

    private void forget(AnsweredRequest request) {
        if (requests.remove(request.number(), request)) {
            channel.requestEnded();
        }
    }

    @Override
    public void message(byte[] payload) {
        RequestFrame frame;
        try {
            frame = RequestFrame.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "malformed request", e);
        }
        for (long number : frame.getFinishedList()) {
            AnsweredRequest request = requests.get(number);
            if (request != null) {
                request.finishedByPeer();
            }
        }
        if (frame.hasHeader()) {
            request(frame);
        }
    }

    private void request(RequestFrame frame) {
        if (requests.containsKey(frame.getNumber())) {
            throw new ConecException(
                    ErrorCode.PROTOCOL_VIOLATION, "request " + frame.getNumber() + " has not been finished");
        }
        try {
            DataStream.checkHeader(frame.getHeader(), channel.config().maxHeaderBytes());
            int size = frame.getPayload().size();
            int limit = channel.config().maxMessageBytes();
            if (size > limit) {
                throw SendQueue.tooLarge(size, limit);
            }
            channel.requestBegins();
        } catch (ConecException e) {
            // Nothing of it is kept, or whoever sends such requests could fill the heap.
            channel.refused(frame.getHeader().getName(), e.code(), false);
            sendFailure(frame.getNumber(), e.code(), e.getMessage());
            return;
        }
        AnsweredRequest request = new AnsweredRequest(this, frame);
        requests.put(frame.getNumber(), request);
        arrived.add(request);
    }

    @Override
    public void readComplete() {
        if (arrived.isEmpty()) {
            return;
        }
        List<AnsweredRequest> batch = List.copyOf(arrived);
        arrived.clear();
        deciding = true;
        try {
            for (AnsweredRequest request : batch) {
                if (request.isUndecided()) {
                    channel.requested(request);
                }
            }
        } finally {
            deciding = false;
            channel.dispatcher().executeAll(handlers);
            handlers.clear();
        }
    }

    /** Runs a handler: one that is found at once, together with others. */
    void execute(Runnable handler) {
        if (deciding) {
            handlers.add(handler);
        } else {
            channel.dispatcher().execute(handler);
        }
    }

    /** Whoever does not take answers is not asked for further requests. */
    @Override
    public boolean hasRoom() {
        paused = !stream.sendsSoon();
        return !paused;
    }

    private void readOn() {
        if (paused && stream.sendsSoon()) {
            paused = false;
            stream.read();
        }
    }

    @Override
    public boolean needsBothDirections() {
        return true;
    }

    /** The other side wants no more answers. */
    @Override
    public void end() {
        fail(new ConecException(ErrorCode.CANCELLED, "the other side waits for no answers any more"), false);
        stream.finishUnheard();
    }

    @Override
    public void fail(ConecException cause, boolean channelEnded) {
        arrived.clear();
        for (AnsweredRequest request : List.copyOf(requests.values())) {
            request.fail(cause, channelEnded);
        }
    }
}
