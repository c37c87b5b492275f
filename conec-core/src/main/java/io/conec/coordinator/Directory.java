package io.conec.coordinator;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Who is connected. Written by the event loop, read anywhere. */
final class Directory {
    private final Map<ClientId, ConnectedClient> clients = new ConcurrentHashMap<>();
    private final int maxClients;

    Directory(int maxClients) {
        this.maxClients = maxClients;
    }

    @Nullable
    ConnectedClient find(ClientId id) {
        return clients.get(id);
    }

    /** Everybody. A snapshot. */
    List<ConnectedClient> all() {
        return List.copyOf(clients.values());
    }

    boolean contains(ClientId id) {
        return clients.containsKey(id);
    }

    int size() {
        return clients.size();
    }

    /**
     * Whether a client with this certificate may have the id.
     *
     * @return the client that it replaces, which has the same key; null if the id is free
     * @throws ConecException with {@link ErrorCode#ID_IN_USE}, or {@link ErrorCode#CHANNEL_LIMIT} if the coordinator is full
     */
    @Nullable
    ConnectedClient claim(ClientId id, X509Certificate certificate) {
        ConnectedClient holder = clients.get(id);
        if (holder != null && !holder.hasKeyOf(certificate)) {
            throw new ConecException(
                    ErrorCode.ID_IN_USE, "the id \"" + id + "\" is in use by a client with another key");
        }
        if (holder == null && clients.size() >= maxClients) {
            throw new ConecException(
                    ErrorCode.CHANNEL_LIMIT, "the coordinator has " + maxClients + " clients, which is its limit");
        }
        return holder;
    }

    void add(ConnectedClient client) {
        clients.put(client.id(), client);
    }

    /** Removes this client; not another that has taken its id. */
    boolean remove(ConnectedClient client) {
        return clients.remove(client.id(), client);
    }
}
