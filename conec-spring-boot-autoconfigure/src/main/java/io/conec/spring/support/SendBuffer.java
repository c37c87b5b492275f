package io.conec.spring.support;

import io.conec.ConecParty;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;

/** The send buffers of streams. */
public final class SendBuffer {
    private SendBuffer() {}

    /** How many bytes may wait in each of that party's streams: {@link io.conec.TransportConfig#sendBufferBytes()}. */
    public static int bytes(ConecParty party) {
        if (party instanceof ConecClient client) {
            return client.config().transport().sendBufferBytes();
        }
        if (party instanceof ConecCoordinator coordinator) {
            return coordinator.config().transport().sendBufferBytes();
        }
        throw new IllegalArgumentException("neither client nor coordinator: " + party);
    }
}
