package io.conec.client;

import io.conec.ConecException;
import java.net.InetSocketAddress;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a client stands with its coordinator. A snapshot.
 *
 * @param state what it is doing
 * @param since since when
 * @param coordinator the coordinator's address that was last tried; null before the first attempt
 * @param reconnects how often a link was registered again after one was lost
 * @param lastError why the last attempt failed or the last link ended; null when that never happened. Stays after a reconnect
 * @param natMapping what is known of the NAT before this client
 */
public record ClientStatus(
        State state,
        Instant since,
        @Nullable InetSocketAddress coordinator,
        long reconnects,
        @Nullable ConecException lastError,
        NatMapping natMapping) {
    /** Of a client that does not run. */
    static final ClientStatus STOPPED =
            new ClientStatus(State.STOPPED, Instant.EPOCH, null, 0, null, NatMapping.UNKNOWN);

    /** What the client is doing. */
    public enum State {
        /** Not started, or closed. */
        STOPPED,
        /** Reaching for the coordinator. */
        CONNECTING,
        /** Registered at the coordinator. */
        CONNECTED,
        /** Waiting before the next attempt. */
        WAITING
    }

    ClientStatus withNatMapping(NatMapping value) {
        return new ClientStatus(state, since, coordinator, reconnects, lastError, value);
    }
}
