package io.conec.benchmarks.system;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Hands messages over to a thread of its own, as an application does that may not block an event loop. */
final class ThreadedHandler implements MessageHandler {
    private final BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
    private final MessageHandler handler;

    ThreadedHandler(MessageHandler handler) {
        this.handler = handler;
        Thread taker = new Thread(this::take, "taker");
        taker.setDaemon(true);
        taker.start();
    }

    @Override
    public void message(byte[] message) {
        arrived.add(message);
    }

    private void take() {
        try {
            while (true) {
                handler.message(arrived.take());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
