package io.conec.internal.channel;

import java.util.concurrent.atomic.AtomicLong;

/** Counts a channel's messages. Written by the event loop alone, read anywhere. */
final class Traffic {
    private final AtomicLong messagesSent = new AtomicLong();
    private final AtomicLong messagesReceived = new AtomicLong();
    private final AtomicLong bytesSent = new AtomicLong();
    private final AtomicLong bytesReceived = new AtomicLong();

    void sent(int messages, long payloadBytes) {
        add(messagesSent, messages);
        add(bytesSent, payloadBytes);
    }

    void received(int messages, long payloadBytes) {
        add(messagesReceived, messages);
        add(bytesReceived, payloadBytes);
    }

    long messagesSent() {
        return messagesSent.get();
    }

    long messagesReceived() {
        return messagesReceived.get();
    }

    long bytesSent() {
        return bytesSent.get();
    }

    long bytesReceived() {
        return bytesReceived.get();
    }

    /** There is one writer, which needs no atomic addition. */
    private static void add(AtomicLong counter, long amount) {
        counter.lazySet(counter.getPlain() + amount);
    }
}
