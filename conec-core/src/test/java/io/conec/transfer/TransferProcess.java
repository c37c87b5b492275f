package io.conec.transfer;

import io.conec.ConecChannel;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.client.ClientConfig;
import io.conec.client.ConecClient;
import io.conec.client.PathPolicy;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.coordinator.CoordinatorStatistics;
import io.conec.security.Fingerprint;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One of the three processes of a transfer. Speaks to its parent in lines on standard output, and ends when its standard input does. */
final class TransferProcess {
    private TransferProcess() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "coordinator" -> coordinator();
            case "client" ->
                client(
                        arguments[1],
                        arguments[2],
                        Integer.parseInt(arguments[3]),
                        arguments[4],
                        Integer.parseInt(arguments[5]),
                        Long.parseLong(arguments[6]));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void coordinator() throws IOException {
        Identity identity = Identity.generateForHosts(List.of("localhost"));
        CoordinatorConfig config = CoordinatorConfig.builder(identity)
                .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .build();
        try (ConecCoordinator coordinator = new ConecCoordinator(config)) {
            coordinator.start();
            System.out.println("listening " + coordinator.localAddress().getPort() + " " + identity.fingerprint());
            awaitEndOfInput();
            CoordinatorStatistics statistics = coordinator.statistics();
            System.out.println("relayed " + statistics.relayedBytes());
        }
    }

    private static void client(String id, String peer, int port, String fingerprint, int streams, long bytesPerStream)
            throws Exception {
        ClientConfig config = ClientConfig.builder(id, "localhost")
                .coordinatorAddress("127.0.0.1")
                .coordinatorPort(port)
                .coordinatorTrust(Trust.pinned(Fingerprint.parse(fingerprint)))
                .path(PathPolicy.RELAY_ONLY)
                .build();
        try (ConecClient client = new ConecClient(config)) {
            CountDownLatch received = new CountDownLatch(streams);
            AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
            client.onStream("transfer", stream -> {
                try {
                    verify(stream, bytesPerStream);
                } catch (Throwable e) {
                    failure.compareAndSet(null, e);
                    throw e;
                } finally {
                    received.countDown();
                }
            });
            client.start().join();
            System.out.println("connected");
            if (System.in.read() < 0) {
                return;
            }
            ConecChannel channel = client.open(peer).join();
            Thread[] senders = new Thread[streams];
            for (int i = 0; i < streams; i++) {
                long seed = (long) id.hashCode() + i;
                senders[i] = new Thread(() -> send(channel, seed, bytesPerStream));
                senders[i].setUncaughtExceptionHandler((thread, e) -> failure.compareAndSet(null, e));
                senders[i].start();
            }
            for (Thread sender : senders) {
                sender.join();
            }
            received.await();
            if (failure.get() != null) {
                throw new IllegalStateException(failure.get());
            }
            System.out.println("done " + channel.statistics());
            awaitEndOfInput();
        }
    }

    private static void send(ConecChannel channel, long seed, long bytes) {
        MessageSequence sequence = new MessageSequence(seed, bytes);
        ConecStream stream = channel.openStream("transfer", Map.of("seed", Long.toString(seed)))
                .join();
        while (sequence.hasNext()) {
            stream.send(sequence.next());
        }
        stream.finish().join();
        try {
            String answer = stream.receive().map(ConecMessage::text).orElse("nothing");
            if (!answer.equals("complete")) {
                throw new IllegalStateException("the receiver said " + answer);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Every message has to be the next one of the sequence: none lost, none twice, none out of order, none changed. */
    private static void verify(ConecStream stream, long bytes) throws InterruptedException {
        MessageSequence expected =
                new MessageSequence(Long.parseLong(stream.headers().getOrDefault("seed", "")), bytes);
        long number = 0;
        for (Optional<ConecMessage> message = stream.receive(); message.isPresent(); message = stream.receive()) {
            if (!expected.hasNext()
                    || !Arrays.equals(
                            MessageSequence.hash(expected.next()),
                            MessageSequence.hash(message.get().bytes()))) {
                throw new IllegalStateException("message " + number + " of " + stream + " is not the one expected");
            }
            number++;
        }
        if (expected.hasNext()) {
            throw new IllegalStateException(stream + " ended after " + number + " messages, more were to come");
        }
        stream.send("complete").join();
        stream.close();
    }

    private static void awaitEndOfInput() throws IOException {
        int read;
        do {
            read = System.in.read();
        } while (read >= 0);
    }
}
