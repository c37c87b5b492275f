package io.conec.internal.channel;

import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ErrorCode;
import io.conec.internal.protocol.Frames;
import io.conec.internal.transport.TransportStream;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream's messages on their way to QUIC. Senders' threads encode them into batches, under the lock; the event loop hands the batches to QUIC, a few at a
 * time, so that small messages gather into large writes while it is busy: a write and a flush for each message costs most of the throughput.
 */
final class SendQueue {
    /** Told, on the event loop, what QUIC has taken. */
    interface Taken {
        void messages(int count, long payloadBytes);
    }

    /** Several messages in one buffer. */
    private static final class Batch {
        final ByteBuf buffer;
        final boolean shared;
        final List<Send> sends = new ArrayList<>(4);
        int messages;
        long payloadBytes;
        int frameBytes;
        boolean last;

        /** A shared buffer is other streams' too: nothing is added to it. */
        Batch(ByteBuf buffer, boolean shared) {
            this.buffer = buffer;
            this.shared = shared;
        }

        boolean hasRoomFor(int frame) {
            return !shared && buffer.readableBytes() + frame <= BATCH_BYTES;
        }

        void count(int messageCount, int payload, int frame) {
            messages += messageCount;
            payloadBytes += payload;
            frameBytes += frame;
        }
    }

    /**
     * Somebody waits to hear that a frame was taken.
     *
     * @param end where it ends in its batch
     */
    private record Send(SendFuture future, int end, int messages, int payloadBytes) {}

    /** A batch grows up to here; a larger message is a batch of its own. */
    private static final int BATCH_BYTES = 64 * 1024;

    private static final int FIRST_ALLOCATION = 512;

    /** From here on encoded frames are shared; below, a copy is cheaper than a write of their own. */
    private static final int SHARED_BYTES = 16 * 1024;

    /** Behind this much, encoded frames wait elsewhere, where they can still be dropped. Two batches keep QUIC busy, two more are there for it next. */
    private static final int SOON_BYTES = 4 * BATCH_BYTES;

    /** Enough to keep QUIC busy while the event loop prepares the next. */
    private static final int BATCHES_AT_QUIC = 2;

    private final TransportStream stream;
    private final Dispatcher dispatcher;
    private final Consumer<Runnable> eventLoop;
    private final int maxMessageBytes;
    private final int maxQueuedBytes;
    private final Taken taken;

    /** A {@link ReentrantLock}, so that waiting pins no virtual thread. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition room = lock.newCondition();
    private final ArrayDeque<Batch> batches = new ArrayDeque<>();
    private long queuedBytes;
    private boolean drainScheduled;
    private @Nullable ConecException failure;
    private boolean finishing;
    private final CompletableFuture<Void> finish = new CompletableFuture<>();
    /** Whether somebody may hear of it; if not, there is no need for a thread to tell. */
    private boolean finishIsAskedFor;

    // Owned by the event loop.
    private final ArrayDeque<Batch> atQuic = new ArrayDeque<>();
    private final TakenSends takenSends;
    private boolean draining;
    private boolean finWritten;
    private boolean started;
    private Runnable takenListener = () -> {};

    SendQueue(
            TransportStream stream,
            Dispatcher dispatcher,
            Consumer<Runnable> eventLoop,
            int maxMessageBytes,
            int maxQueuedBytes,
            Taken taken) {
        this.stream = stream;
        this.eventLoop = eventLoop;
        this.dispatcher = dispatcher;
        this.maxMessageBytes = maxMessageBytes;
        this.maxQueuedBytes = maxQueuedBytes;
        this.taken = taken;
        this.takenSends = new TakenSends(dispatcher, stream.eventLoop());
    }

    /** See {@link io.conec.ConecStream#send}. */
    CompletableFuture<Void> send(ConecMessage message) {
        if (message.size() > maxMessageBytes) {
            return CompletableFuture.failedFuture(tooLarge(message.size(), maxMessageBytes));
        }
        SendFuture send = new SendFuture();
        boolean schedule;
        lock.lock();
        try {
            ConecException refusal = awaitRoom(message.size());
            if (refusal != null) {
                return CompletableFuture.failedFuture(refusal);
            }
            schedule = append(message.bytes(), 1, message.size(), send);
        } finally {
            lock.unlock();
        }
        if (schedule) {
            eventLoop.accept(this::drain);
        }
        return send;
    }

    /** See {@link DataStream#sendFrame}. */
    @Nullable
    ConecException sendFrame(byte[] payload, int messages, int payloadBytes, @Nullable SendFuture heard) {
        boolean schedule;
        lock.lock();
        try {
            ConecException refusal = refusal();
            if (refusal != null) {
                return refusal;
            }
            schedule = append(payload, messages, payloadBytes, heard);
        } finally {
            lock.unlock();
        }
        if (schedule) {
            eventLoop.accept(this::drain);
        }
        return null;
    }

    /** See {@link DataStream#hasRoomFor}. */
    boolean hasRoomFor(int bytes) {
        lock.lock();
        try {
            return queuedBytes == 0 || queuedBytes + bytes <= maxQueuedBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Under the lock. Returns whether the event loop has to be told. */
    private boolean append(byte[] payload, int messages, int payloadBytes, @Nullable SendFuture heard) {
        Batch batch = batchFor(payload.length + Frames.MAX_OVERHEAD);
        int before = batch.buffer.readableBytes();
        Frames.write(batch.buffer, payload);
        int written = batch.buffer.readableBytes() - before;
        batch.count(messages, payloadBytes, written);
        if (heard != null) {
            batch.sends.add(new Send(heard, batch.buffer.writerIndex(), messages, payloadBytes));
        }
        queuedBytes += written;
        boolean schedule = !drainScheduled;
        drainScheduled = true;
        return schedule;
    }

    static ConecException tooLarge(int size, int limit) {
        return new ConecException(
                ErrorCode.MESSAGE_TOO_LARGE,
                "a message of " + size + " bytes is over the limit of " + limit + " bytes");
    }

    /** See {@link DataStream#sendEncoded}. On the event loop. */
    void sendEncoded(ByteBuf frames, int messages, int payloadBytes) {
        int bytes = frames.readableBytes();
        boolean schedule;
        lock.lock();
        try {
            if (failure != null || finishing) {
                return;
            }
            Batch batch;
            if (bytes >= SHARED_BYTES) {
                batch = new Batch(frames.retainedDuplicate(), true);
                batches.add(batch);
            } else {
                batch = batchFor(bytes);
                batch.buffer.writeBytes(frames, frames.readerIndex(), bytes);
            }
            batch.count(messages, payloadBytes, bytes);
            queuedBytes += bytes;
            schedule = !drainScheduled;
            drainScheduled = true;
        } finally {
            lock.unlock();
        }
        if (schedule) {
            // Later, so that what is sent now, one frame after the other, leaves together.
            stream.afterRead(this::drain);
        }
    }

    /** See {@link DataStream#sendsSoon}. */
    boolean sendsSoon() {
        lock.lock();
        try {
            return queuedBytes < SOON_BYTES || failure != null || finishing;
        } finally {
            lock.unlock();
        }
    }

    void onTaken(Runnable listener) {
        takenListener = listener;
    }

    /** The batch that a frame of at most this size goes into, under the lock. */
    private Batch batchFor(int frame) {
        Batch last = batches.peekLast();
        if (last != null && last.hasRoomFor(frame)) {
            return last;
        }
        // One byte more for the end mark.
        int most = Math.max(BATCH_BYTES, frame) + 1;
        Batch next = new Batch(stream.allocator().directBuffer(Math.max(frame, FIRST_ALLOCATION), most), false);
        batches.add(next);
        return next;
    }

    /** See {@link io.conec.ConecStream#finish}. */
    CompletableFuture<Void> finish() {
        boolean begins;
        lock.lock();
        try {
            if (failure != null && !finishing) {
                return CompletableFuture.failedFuture(failure);
            }
            finishIsAskedFor = true;
            begins = beginToFinish();
        } finally {
            lock.unlock();
        }
        if (begins) {
            eventLoop.accept(this::drain);
        }
        return finish;
    }

    /** As {@link #finish}, for those who do not want to hear of it. */
    void finishUnheard() {
        boolean begins;
        lock.lock();
        try {
            begins = beginToFinish();
        } finally {
            lock.unlock();
        }
        if (begins) {
            eventLoop.accept(this::drain);
        }
    }

    /** Under the lock. Returns false if nothing is to be done for it. */
    private boolean beginToFinish() {
        if (finishing || failure != null) {
            return false;
        }
        finishing = true;
        room.signalAll();
        return true;
    }

    /** The opening exchange is over: from here on what was sent may go out. On the event loop. */
    void start() {
        started = true;
        drain();
    }

    /** All that is ever sent, with the header, which is released: whether it was lost, the answer to that says. Nothing was sent before. On the event loop. */
    void sendOnly(ByteBuf header, ConecMessage message) {
        lock.lock();
        try {
            Batch batch = batchFor(header.readableBytes() + message.size() + Frames.MAX_OVERHEAD);
            batch.buffer.writeBytes(header);
            Frames.write(batch.buffer, message.bytes());
            batch.count(1, message.size(), batch.buffer.readableBytes());
            queuedBytes += batch.frameBytes;
            beginToFinish();
        } finally {
            lock.unlock();
            header.release();
        }
        start();
    }

    /** Fails everything that QUIC has not taken, and every send from now on; does nothing after the end was written. On the event loop. */
    void fail(ConecException cause) {
        takenSends.tell();
        List<CompletableFuture<Void>> failed = new ArrayList<>();
        lock.lock();
        try {
            if (failure != null) {
                return;
            }
            failure = cause;
            for (Batch batch : batches) {
                add(batch.sends, failed);
                batch.buffer.release();
            }
            batches.clear();
            queuedBytes = 0;
            if (finishing && !finWritten) {
                if (finishIsAskedFor) {
                    failed.add(finish);
                } else {
                    complete(finish, cause);
                }
            }
            room.signalAll();
        } finally {
            lock.unlock();
        }
        complete(failed, cause);
    }

    /** Whether the end was written, so that nothing can fail any more but the connection. On the event loop. */
    boolean finished() {
        return finWritten;
    }

    /** Why nothing can be sent any more, under the lock; null if it can. */
    private @Nullable ConecException refusal() {
        if (failure != null) {
            return failure;
        }
        return finishing ? new ConecException(ErrorCode.STREAM_CLOSED, "this side has finished sending") : null;
    }

    /** Waits until the message may join the queue, under the lock; returns why it never may. */
    private @Nullable ConecException awaitRoom(int size) {
        while (true) {
            ConecException refusal = refusal();
            if (refusal != null) {
                return refusal;
            }
            if (queuedBytes == 0 || queuedBytes + size <= maxQueuedBytes) {
                return null;
            }
            try {
                room.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new ConecException(
                        ErrorCode.CANCELLED, "interrupted while the stream's send buffer was full; not sent", e);
            }
        }
    }

    private void drain() {
        if (draining || !started) {
            return;
        }
        draining = true;
        try {
            while (atQuic.size() < BATCHES_AT_QUIC) {
                Batch batch = next();
                if (batch == null) {
                    return;
                }
                atQuic.add(batch);
                // Kept until QUIC is done with it, to see how far it came.
                ByteBuf frames = batch.buffer.retain();
                if (batch.last) {
                    stream.finish(
                            frames,
                            () -> {
                                taken(batch);
                                finished(null);
                            },
                            () -> {
                                lost(batch);
                                finished(lostCause());
                            });
                } else {
                    stream.write(frames, () -> taken(batch), () -> lost(batch));
                }
            }
        } finally {
            draining = false;
        }
    }

    /** What QUIC gets next, the last with the end mark. */
    private @Nullable Batch next() {
        lock.lock();
        try {
            Batch batch = batches.poll();
            boolean ends = finishing && failure == null && !finWritten && batches.isEmpty();
            if (ends && batch == null) {
                batch = new Batch(stream.allocator().directBuffer(1), false);
            }
            if (batch == null) {
                drainScheduled = false;
            } else if (ends && !batch.shared) {
                finWritten = true;
                batch.last = true;
                Frames.writeEnd(batch.buffer);
            }
            return batch;
        } finally {
            lock.unlock();
        }
    }

    private void finished(@Nullable ConecException cause) {
        // Whoever hears of the end has heard of all before it.
        takenSends.tell();
        lock.lock();
        try {
            if (!finishIsAskedFor) {
                complete(finish, cause);
                return;
            }
        } finally {
            lock.unlock();
        }
        complete(List.of(finish), cause);
    }

    private void taken(Batch batch) {
        atQuic.remove(batch);
        batch.buffer.release();
        lock.lock();
        try {
            queuedBytes = Math.max(0, queuedBytes - batch.frameBytes);
            if (queuedBytes <= maxQueuedBytes / 2) {
                // Not for each batch: a sender would fill the place of one, and wait again.
                room.signalAll();
            }
        } finally {
            lock.unlock();
        }
        taken.messages(batch.messages, batch.payloadBytes);
        batch.sends.forEach(send -> takenSends.add(send.future));
        takenListener.run();
        drain();
        takenSends.tellInTime(!atQuic.isEmpty());
    }

    /** Small messages share a batch: QUIC may have taken some of them, which the other side then reads. */
    private void lost(Batch batch) {
        atQuic.remove(batch);
        int whole = batch.buffer.readerIndex();
        batch.buffer.release();
        List<Send> sent = batch.sends.stream().filter(send -> send.end <= whole).toList();
        for (Send send : sent) {
            taken.messages(send.messages, send.payloadBytes);
            takenSends.add(send.future);
        }
        takenSends.tell();
        List<CompletableFuture<Void>> failed = new ArrayList<>();
        add(batch.sends.subList(sent.size(), batch.sends.size()), failed);
        complete(failed, lostCause());
    }

    private static void add(List<Send> sends, List<CompletableFuture<Void>> to) {
        for (Send send : sends) {
            to.add(send.future);
        }
    }

    private ConecException lostCause() {
        lock.lock();
        try {
            return failure != null
                    ? failure
                    : new ConecException(ErrorCode.CONNECTION_LOST, "the stream ended before this was sent");
        } finally {
            lock.unlock();
        }
    }

    private void complete(List<CompletableFuture<Void>> futures, @Nullable ConecException cause) {
        if (futures.isEmpty()) {
            return;
        }
        dispatcher.execute(() -> {
            for (CompletableFuture<Void> future : futures) {
                complete(future, cause);
            }
        });
    }

    private static void complete(CompletableFuture<Void> future, @Nullable ConecException cause) {
        if (cause == null) {
            future.complete(null);
        } else {
            future.completeExceptionally(cause);
        }
    }
}
