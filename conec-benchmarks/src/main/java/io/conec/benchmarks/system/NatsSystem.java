package io.conec.benchmarks.system;

import io.nats.client.Connection;
import io.nats.client.Consumer;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** NATS through its server, with TLS: a stream is a pair of subjects, a request NATS's own. */
final class NatsSystem implements BenchSystem {
    static final String ADDRESS = "nats-address";
    static final String PORT = "nats-port";

    private static final String OPEN = "bench.open";
    private static final String REQUEST = "bench.request";
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** The default of 5,000 is 320 MB of the largest messages. */
    private static final int OUTGOING_MESSAGES = 1_000;

    @Override
    public String id() {
        return "nats";
    }

    @Override
    public String title() {
        return "NATS through its server, TLS";
    }

    @Override
    public Set<Ability> abilities() {
        return Set.of(Ability.STREAMS, Ability.ROUND_TRIPS, Ability.REQUESTS, Ability.GROUPS);
    }

    @Override
    public boolean hasRelay() {
        return true;
    }

    @Override
    public String obstacle() {
        return NatsServer.program().isPresent()
                ? ""
                : "there is no nats-server (Debian's package nats-server has it; NATS_SERVER may name another)";
    }

    @Override
    public Node relay(Site site, Service service) throws Exception {
        NatsServer server = NatsServer.start(site);
        return new Node() {
            @Override
            public Map<String, String> announcement() {
                return Map.of(ADDRESS, site.address(), PORT, Integer.toString(server.port()));
            }

            @Override
            public void close() {
                server.close();
            }
        };
    }

    @Override
    public Members members(Site site) {
        return new NatsMembers(site);
    }

    static Connection connect(Site site) throws Exception {
        return Nats.connect(Options.builder()
                .server("tls://" + site.get(ADDRESS) + ":" + site.get(PORT))
                .sslContext(site.certificates().clientContext())
                .connectionTimeout(PATIENCE)
                .noReconnect()
                .maxMessagesInOutgoingQueue(OUTGOING_MESSAGES)
                .errorListener(new Complaints())
                .build());
    }

    @Override
    public Node receiver(Site site, Service service) throws Exception {
        Connection connection = connect(site);
        Dispatcher dispatcher = unlimited(connection);
        dispatcher.subscribe(OPEN, opening -> {
            String name = new String(opening.getData(), StandardCharsets.US_ASCII);
            MessageHandler handler = service.accept(message -> connection.publish(down(name), message));
            unlimited(connection).subscribe(up(name), message -> handler.message(message.getData()));
            flush(connection);
            connection.publish(opening.getReplyTo(), new byte[0]);
        });
        unlimited(connection)
                .subscribe(
                        REQUEST,
                        request -> connection.publish(request.getReplyTo(), service.answer(request.getData())));
        flush(connection);
        return ConecParties.node(() -> close(connection), Map.of());
    }

    @Override
    public Sender sender(Site site) throws Exception {
        Connection connection = connect(site);
        AtomicInteger streams = new AtomicInteger();
        return new Sender() {
            @Override
            public MessageStream open(MessageHandler handler) throws Exception {
                String name = site.role() + streams.incrementAndGet();
                unlimited(connection).subscribe(down(name), message -> handler.message(message.getData()));
                flush(connection);
                connection
                        .request(OPEN, name.getBytes(StandardCharsets.US_ASCII))
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                String subject = up(name);
                return message -> connection.publish(subject, message);
            }

            @Override
            public MessageStream group() {
                return new NatsPublisher(connection, NatsMembers.GROUP);
            }

            @Override
            public CompletionStage<byte[]> request(byte[] message) {
                return connection.request(REQUEST, message).thenApply(answer -> answer.getData());
            }

            @Override
            public void close() {
                NatsSystem.close(connection);
            }
        };
    }

    /** A thread of its own for what it subscribes to. A limit would lose messages silently. */
    static Dispatcher unlimited(Connection connection) {
        Dispatcher dispatcher = connection.createDispatcher();
        dispatcher.setPendingLimits(-1, -1);
        return dispatcher;
    }

    static void close(Connection connection) {
        try {
            connection.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void flush(Connection connection) {
        try {
            connection.flush(PATIENCE);
        } catch (TimeoutException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String up(String name) {
        return "bench." + name + ".up";
    }

    private static String down(String name) {
        return "bench." + name + ".down";
    }

    private static final class Complaints implements ErrorListener {
        @Override
        public void errorOccurred(Connection connection, String error) {
            System.err.println("NATS: " + error);
        }

        @Override
        public void exceptionOccurred(Connection connection, Exception exception) {
            System.err.println("NATS: " + exception);
        }

        @Override
        public void slowConsumerDetected(Connection connection, Consumer consumer) {
            System.err.println("NATS: slow consumer, " + consumer.getDroppedCount() + " dropped");
        }
    }
}
