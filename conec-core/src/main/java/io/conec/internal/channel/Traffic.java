package io.conec.internal.channel;

import java.util.concurrent.atomic.LongAdder;

/** Counts a channel's messages. Written by the event loop, read anywhere. */
final class Traffic {
    private final LongAdder messagesSent = new LongAdder();
    private final LongAdder messagesReceived = new LongAdder();
    private final LongAdder bytesSent = new LongAdder();
    private final LongAdder bytesReceived = new LongAdder();

    void sent(int messages, long payloadBytes) {
        messagesSent.add(messages);
        bytesSent.add(payloadBytes);
    }

    void received(int payloadBytes) {
        messagesReceived.increment();
        bytesReceived.add(payloadBytes);
    }

    long messagesSent() {
        return messagesSent.sum();
    }

    long messagesReceived() {
        return messagesReceived.sum();
    }

    long bytesSent() {
        return bytesSent.sum();
    }

    long bytesReceived() {
        return bytesReceived.sum();
    }
}
