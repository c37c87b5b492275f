package io.conec.internal.channel;

import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.TransportConfig;
import io.conec.internal.transport.LoopBorrower;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;

/** A stream whose messages an application sends and reads. */
final class ApplicationStream implements ConecStream, Inbound {
    private final Outbound stream;
    private final ReceiveQueue<ConecMessage> receiving;

    // Owned by the event loop: what the read under way has brought so far.
    private final List<ConecMessage> arrived = new ArrayList<>();
    private long arrivedBytes;

    ApplicationStream(Outbound stream, Dispatcher dispatcher, TransportConfig config, LoopBorrower borrower) {
        this.stream = stream;
        this.receiving = ReceiveQueue.ofStream(dispatcher, borrower, config.receiveBufferBytes(), stream::read);
    }

    @Override
    public ConecChannel channel() {
        return stream.channel();
    }

    @Override
    public long id() {
        return stream.id();
    }

    @Override
    public String name() {
        return stream.name();
    }

    @Override
    public Map<String, String> headers() {
        return stream.headers();
    }

    @Override
    public CompletableFuture<Void> send(ConecMessage message) {
        return stream.send(message);
    }

    @Override
    public CompletableFuture<Void> finish() {
        return stream.finish();
    }

    @Override
    public Optional<ConecMessage> receive() throws InterruptedException {
        return receiving.receive(null);
    }

    @Override
    public Optional<ConecMessage> receive(Duration timeout) throws InterruptedException {
        return receiving.receive(timeout);
    }

    @Override
    public CompletableFuture<Optional<ConecMessage>> receiveAsync() {
        return receiving.receiveAsync();
    }

    @Override
    public Flow.Publisher<ConecMessage> messages() {
        return receiving.messages(() -> stopReceiving(ErrorCode.CANCELLED));
    }

    @Override
    public void dropOldest(int capacity) {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity: " + capacity);
        }
        receiving.dropOldest(capacity);
    }

    @Override
    public long lostMessages() {
        return receiving.lost();
    }

    @Override
    public void stopReceiving(ErrorCode code) {
        requireFailure(code);
        receiving.fail(new ConecException(code, "this side has stopped receiving"), false);
        stream.stopReceiving(code);
    }

    @Override
    public void reset(ErrorCode code, String message) {
        requireFailure(code);
        stream.reset(code, message);
    }

    @Override
    public CompletableFuture<ErrorCode> closed() {
        return stream.closed();
    }

    @Override
    public void close() {
        stream.finishUnheard();
        if (!receiving.drained()) {
            stopReceiving(ErrorCode.CANCELLED);
        }
    }

    @Override
    public String toString() {
        return stream.toString();
    }

    // What arrives.

    @Override
    public void message(byte[] payload) {
        arrived.add(ConecMessage.of(payload));
        arrivedBytes += payload.length;
    }

    @Override
    public void readComplete() {
        if (!arrived.isEmpty()) {
            stream.received(arrived.size(), arrivedBytes);
            receiving.addAll(arrived);
            arrived.clear();
            arrivedBytes = 0;
        }
    }

    @Override
    public boolean mayWait() {
        return receiving.mayWait(arrivedBytes);
    }

    @Override
    public boolean hasRoom() {
        return receiving.hasRoom();
    }

    @Override
    public void end() {
        readComplete();
        receiving.end();
    }

    @Override
    public void fail(ConecException cause, boolean channelEnded) {
        readComplete();
        // What had arrived when the channel ended may still be read.
        receiving.fail(cause, channelEnded);
    }

    private static void requireFailure(ErrorCode code) {
        if (code == ErrorCode.NO_ERROR) {
            throw new IllegalArgumentException("NO_ERROR is no reason to reset a stream: finish it");
        }
    }
}
