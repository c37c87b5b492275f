package io.conec.spring.listener;

import io.conec.ConecChannel;
import io.conec.StreamOffer;
import org.jspecify.annotations.Nullable;

/**
 * A listener method and what it listens to.
 *
 * @param id unique in the registry
 * @param signature what the method takes and gives
 * @param peer the peers
 * @param stream the streams; null for a listener to channels or to a group
 * @param group the group; null for a listener to streams or channels
 * @param method the method
 * @param errorHandler what is told of failures; null for what is done by default
 */
record ListenerEndpoint(
        String id,
        ListenerSignature signature,
        NamePattern peer,
        @Nullable NamePattern stream,
        @Nullable String group,
        ListenerMethod method,
        @Nullable ConecListenerErrorHandler errorHandler) {
    boolean accepts(ConecChannel channel) {
        return signature.kind() == ListenerKind.CHANNEL && peer.matches(channel.peer());
    }

    boolean accepts(StreamOffer offer) {
        return stream != null
                && stream.matches(offer.name())
                && peer.matches(offer.channel().peer());
    }

    /** Whether some stream of some peer would be handled by both. */
    boolean overlaps(ListenerEndpoint other) {
        return stream != null && other.stream != null && stream.overlaps(other.stream) && peer.overlaps(other.peer);
    }
}
