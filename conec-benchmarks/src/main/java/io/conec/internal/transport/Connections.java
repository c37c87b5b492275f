package io.conec.internal.transport;

import java.lang.reflect.Field;
import java.net.InetSocketAddress;

/** Connections that nobody has dialled, for benchmarks of what only asks for their address. */
public final class Connections {
    private Connections() {}

    /** A connection that seems to have come from there. */
    public static Connection from(InetSocketAddress address, Endpoint endpoint) throws ReflectiveOperationException {
        NetworkThread thread = endpoint.thread();
        Connection connection = new Connection(
                thread,
                new ReadBatch(),
                new AcknowledgementDelay(thread.eventLoop(), () -> {}),
                false,
                (chain, authType, engine) -> {},
                "",
                0);
        Field first = Connection.class.getDeclaredField("firstRemoteAddress");
        first.setAccessible(true);
        first.set(connection, address);
        return connection;
    }
}
