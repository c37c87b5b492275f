package io.conec.natlab.process;

import io.conec.ConecChannel;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** Messages to the coordinator and back, over a client's link to it. */
final class LinkEcho {
    /** The name of the streams. */
    static final String STREAM = "echo";

    private static final int MESSAGE_BYTES = 32 * 1024;

    private LinkEcho() {}

    /** On a coordinator: sends back what comes. */
    static void answer(ConecStream stream) {
        try {
            for (Optional<ConecMessage> message = stream.receive(); message.isPresent(); message = stream.receive()) {
                stream.send(message.get().bytes()).join();
            }
            stream.finish().join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * On a client: sends so many bytes and waits until they are back.
     *
     * @return in how many messages
     * @throws IllegalStateException if not the same came back
     */
    static String ask(ConecChannel link, int bytes) throws InterruptedException {
        ConecStream stream = link.openStream(STREAM, Map.of()).join();
        int count = bytes / MESSAGE_BYTES;
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < count; i++) {
                stream.send(message(i)).join();
            }
            stream.finish().join();
        });
        for (int i = 0; i < count; i++) {
            byte[] back = stream.receive().orElseThrow().bytes();
            if (!Arrays.equals(back, message(i))) {
                throw new IllegalStateException("message " + i + " came back as another");
            }
        }
        sent.join();
        return "echoed=" + count;
    }

    private static byte[] message(int number) {
        byte[] message = new byte[MESSAGE_BYTES];
        new Random(number).nextBytes(message);
        return message;
    }
}
