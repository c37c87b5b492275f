package io.conec.benchmarks.system;

import io.nats.client.Connection;

/** Publishes to many. NATS cuts slow receivers off instead of slowing the sender down, so it waits for the server now and then. */
final class NatsPublisher implements MessageStream {
    /** So much is published before the server has to say that it has come so far. */
    private static final int BYTES_BETWEEN_FLUSHES = 65_536;

    private final Connection connection;
    private final String subject;
    private int bytes;

    NatsPublisher(Connection connection, String subject) {
        this.connection = connection;
        this.subject = subject;
    }

    @Override
    public void send(byte[] message) {
        connection.publish(subject, message);
        bytes += message.length;
        if (bytes >= BYTES_BETWEEN_FLUSHES) {
            bytes = 0;
            NatsSystem.flush(connection);
        }
    }
}
