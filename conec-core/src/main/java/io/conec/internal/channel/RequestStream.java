package io.conec.internal.channel;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ErrorCode;
import io.conec.internal.protocol.AnswerFrame;
import io.conec.internal.protocol.CarryRequests;
import io.conec.internal.protocol.Frames;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.RequestFrame;
import io.conec.internal.protocol.StreamHeader;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A stream of this side's that carries requests, and the answers to them. The other end is an {@link AnswerStream}. */
final class RequestStream implements Inbound {
    /** What an answer's frame takes besides the answer, or without one. */
    private static final int ANSWER_OVERHEAD = 1024;

    /** In one frame, where each takes up to ten bytes. */
    private static final int MOST_FINISHED = AnswerStream.MAX_FRAME_BYTES / 16;

    private final ConnectedChannel channel;
    private final Map<Long, CompletableFuture<Optional<ConecMessage>>> waiting = new ConcurrentHashMap<>();
    private final AtomicLong lastNumber = new AtomicLong();
    /** Not completed if the stream is refused. */
    private final CompletableFuture<DataStream> opened = new CompletableFuture<>();

    private volatile @Nullable ConecException failure;

    // Owned by the event loop.
    private @Nullable DataStream stream;
    private final List<Long> arrived = new ArrayList<>();
    private final List<Runnable> answers = new ArrayList<>();
    private int arrivedMessages;
    private long arrivedBytes;

    RequestStream(ConnectedChannel channel) {
        this.channel = channel;
    }

    void open() {
        StreamHeader header = StreamHeader.newBuilder()
                .setName(Protocol.REQUESTS)
                .setCarryRequests(CarryRequests.newBuilder()
                        .setMaxMessageBytes(channel.config().maxMessageBytes()))
                .build();
        boolean running = channel.connection()
                .execute(() -> channel.openStream(
                        header,
                        channel.config().maxMessageBytes() + ANSWER_OVERHEAD,
                        made -> {
                            stream = made;
                            return this;
                        },
                        // A refusal fails this.
                        made -> made.opened().thenRun(() -> opened.complete(made)),
                        refusal -> fail(refusal, false)));
        if (!running) {
            fail(new ConecException(ErrorCode.CHANNEL_CLOSED, "this side has been shut down"), true);
        }
    }

    /** Whether what is asked leaves at once. */
    boolean isOpen() {
        return opened.isDone() && failure == null;
    }

    boolean hasEnded() {
        return failure != null;
    }

    /** How many requests have no answer yet. */
    int waiting() {
        return waiting.size();
    }

    CompletableFuture<Optional<ConecMessage>> ask(StreamHeader header, ConecMessage message) {
        long number = lastNumber.incrementAndGet();
        byte[] frame = RequestFrame.newBuilder()
                .setNumber(number)
                .setHeader(header)
                .setPayload(UnsafeByteOperations.unsafeWrap(message.bytes()))
                .build()
                .toByteArray();
        if (isFull(frame.length)) {
            return CompletableFuture.failedFuture(
                    new ConecException(ErrorCode.STREAM_LIMIT, "too many requests wait to be sent"));
        }
        CompletableFuture<Optional<ConecMessage>> answer = new CompletableFuture<>();
        waiting.put(number, answer);
        ConecException ended = failure;
        if (ended != null) {
            waiting.remove(number);
            return CompletableFuture.failedFuture(ended);
        }
        answer.whenComplete((received, thrown) -> {
            if (waiting.remove(number) != null) {
                // Whoever asked has given up.
                channel.execute(() -> finished(List.of(number)));
            }
        });
        opened.thenAccept(carrier -> {
            if (waiting.containsKey(number)) {
                // A stream that has failed tells all that wait.
                carrier.sendFrame(frame, 1, message.size(), null);
                if (!waiting.containsKey(number)) {
                    // Given up in between: that may have been told before there was a request.
                    channel.execute(() -> finished(List.of(number)));
                }
            }
        });
        return answer;
    }

    /** Whether one more request would have to wait to be sent behind more than a stream may hold. */
    private boolean isFull(int bytes) {
        DataStream carrier = opened.getNow(null);
        return carrier == null ? waiting.size() >= channel.config().maxStreams() : !carrier.hasRoomFor(bytes);
    }

    /** Tells the other side that nobody waits for the answers to these any more. On the event loop. */
    private void finished(List<Long> numbers) {
        DataStream carrier = stream;
        if (carrier == null || !carrier.isOpen()) {
            return;
        }
        for (RequestFrame told : finishedFrames(numbers)) {
            ByteBuf frame = Frames.of(carrier.allocator(), told);
            carrier.sendEncoded(frame, 0, 0);
            frame.release();
        }
    }

    /** As many as it takes for none to be too long. */
    static List<RequestFrame> finishedFrames(List<Long> numbers) {
        List<RequestFrame> frames = new ArrayList<>();
        for (int from = 0; from < numbers.size(); from += MOST_FINISHED) {
            int to = Math.min(from + MOST_FINISHED, numbers.size());
            frames.add(RequestFrame.newBuilder()
                    .addAllFinished(numbers.subList(from, to))
                    .build());
        }
        return frames;
    }

    @Override
    public void message(byte[] payload) {
        AnswerFrame frame;
        try {
            frame = AnswerFrame.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new ConecException(ErrorCode.PROTOCOL_VIOLATION, "malformed answer", e);
        }
        CompletableFuture<Optional<ConecMessage>> answer = waiting.remove(frame.getNumber());
        if (answer == null) {
            // Nobody waits for it any more, and the other side has been told so.
            return;
        }
        arrived.add(frame.getNumber());
        if (frame.getCode() != 0) {
            ErrorCode code = Protocol.errorCode(frame.getCode());
            String message = frame.getMessage().isEmpty()
                    ? "the other side refused the request"
                    : Protocol.reason(frame.getMessage());
            answers.add(() -> answer.completeExceptionally(new ConecException(code, message)));
            return;
        }
        Optional<ConecMessage> content = frame.hasPayload()
                ? Optional.of(ConecMessage.of(frame.getPayload().toByteArray()))
                : Optional.empty();
        if (content.isPresent()) {
            arrivedMessages++;
            arrivedBytes += content.get().size();
        }
        answers.add(() -> answer.complete(content));
    }

    @Override
    public void readComplete() {
        if (!arrived.isEmpty()) {
            if (stream != null) {
                stream.received(arrivedMessages, arrivedBytes);
            }
            // First, so that the other side knows before whoever was answered asks again.
            finished(arrived);
            arrived.clear();
            channel.dispatcher().executeAll(answers);
            answers.clear();
            arrivedMessages = 0;
            arrivedBytes = 0;
        }
    }

    @Override
    public boolean hasRoom() {
        return true;
    }

    @Override
    public boolean needsBothDirections() {
        return true;
    }

    @Override
    public void end() {
        readComplete();
        if (stream != null) {
            stream.finishUnheard();
        }
        fail(
                new ConecException(ErrorCode.STREAM_CLOSED, "the other side answers no more requests on this stream"),
                false);
    }

    @Override
    public void fail(ConecException cause, boolean channelEnded) {
        readComplete();
        failure = cause;
        for (Long number : List.copyOf(waiting.keySet())) {
            CompletableFuture<Optional<ConecMessage>> answer = waiting.remove(number);
            if (answer != null) {
                channel.dispatcher().execute(() -> answer.completeExceptionally(cause));
            }
        }
    }
}
