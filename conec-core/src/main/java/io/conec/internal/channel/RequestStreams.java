package io.conec.internal.channel;

import io.conec.ConecMessage;
import io.conec.internal.protocol.StreamHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The streams that carry this side's requests in a channel. As long as there are few at a time each is on a stream on which there is no other, so that they do not wait for each other's lost packets; more than that go over one, and share
 * packets, system calls and wake-ups. Any thread.
 */
final class RequestStreams {
    private static final int MOST = 4;

    /** So long many go on being many: their answers come together, and for a moment there are none. */
    private static final long MANY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ConnectedChannel channel;
    private final List<RequestStream> streams = new ArrayList<>();
    private int most = MOST;
    private long manyUntil = System.nanoTime();

    RequestStreams(ConnectedChannel channel) {
        this.channel = channel;
    }

    /** See {@link io.conec.ConecChannel#request}; the message is no longer than {@link AnswerStream#MAX_REQUEST_BYTES}. */
    CompletableFuture<Optional<ConecMessage>> ask(StreamHeader header, ConecMessage message) {
        return choose().ask(header, message);
    }

    private synchronized RequestStream choose() {
        if (streams.removeIf(RequestStream::hasEnded) && !streams.isEmpty()) {
            // The other side allows no more.
            most = streams.size();
        }
        if (streams.isEmpty()) {
            return another();
        }
        RequestStream first = streams.get(0);
        int waiting = 0;
        boolean allOpen = true;
        @Nullable RequestStream free = null;
        for (RequestStream stream : streams) {
            int asked = stream.waiting();
            waiting += asked;
            if (!stream.isOpen()) {
                allOpen = false;
            } else if (asked == 0 && free == null) {
                free = stream;
            }
        }
        long now = System.nanoTime();
        if (waiting >= MOST) {
            manyUntil = now + MANY_NANOS;
        }
        if (now - manyUntil < 0) {
            return first;
        }
        if (free == null && allOpen && streams.size() < most) {
            // Not for this request, which would have to wait until it is open.
            another();
        }
        return free != null ? free : first;
    }

    private RequestStream another() {
        RequestStream stream = new RequestStream(channel);
        streams.add(stream);
        stream.open();
        return stream;
    }
}
