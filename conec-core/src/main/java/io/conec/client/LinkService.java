package io.conec.client;

import io.conec.internal.channel.ConnectedChannel;
import java.util.Set;

/** What a client has with its coordinator besides channels to peers, made again with each link. Called on the event loop. */
interface LinkService {
    /**
     * The client is registered.
     *
     * @param features what the coordinator says that it can do
     */
    void linkUp(ConnectedChannel link, Set<String> features);

    /** The link that was up is gone, and its streams with it. */
    void linkDown();
}
