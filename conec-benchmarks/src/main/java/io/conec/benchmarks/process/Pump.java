package io.conec.benchmarks.process;

import io.conec.benchmarks.system.MessageStream;
import io.conec.benchmarks.system.Sender;
import io.conec.benchmarks.system.ServiceKind;

/** Sends on one stream as fast as it goes, until it is told to stop. */
final class Pump {
    private final Thread thread;
    private volatile boolean running = true;

    Pump(MessageStream stream, int size) {
        thread = new Thread(() -> run(stream, size), "pump");
        thread.setDaemon(true);
        thread.start();
    }

    /** To the receiver, on a stream of its own. */
    static Pump oneWay(Sender sender, int size) throws Exception {
        MessageStream stream = sender.open(message -> {});
        stream.send(ServiceKind.SINK.bytes());
        return new Pump(stream, size);
    }

    private void run(MessageStream stream, int size) {
        try {
            stream.pump(new NumberedMessages(size), () -> running);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void stop() throws InterruptedException {
        running = false;
        thread.join();
    }
}
