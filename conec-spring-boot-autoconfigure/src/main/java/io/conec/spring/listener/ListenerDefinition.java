package io.conec.spring.listener;

import org.jspecify.annotations.Nullable;

/**
 * What a listener listens to and how.
 *
 * @param id the listener's id; empty for one made of the bean's and the method's name
 * @param peer which peers, {@code *} for any characters
 * @param stream which streams, {@code *} for any characters; empty for a listener to channels or to a group
 * @param group which group; empty for a listener to channels or streams
 * @param concurrency how many calls at once; null for the default
 * @param autoStartup whether it starts with the application; null for the default
 * @param errorHandler what is told of failures; null for what is done by default
 */
public record ListenerDefinition(
        String id,
        String peer,
        String stream,
        String group,
        @Nullable Integer concurrency,
        @Nullable Boolean autoStartup,
        @Nullable ConecListenerErrorHandler errorHandler) {
    /** @throws IllegalArgumentException if the concurrency is below 1, or both streams and a group are given */
    public ListenerDefinition {
        if (!stream.isEmpty() && !group.isEmpty()) {
            throw new IllegalArgumentException("the attributes \"stream\" and \"group\" exclude each other");
        }
        if (concurrency != null && concurrency < 1) {
            throw new IllegalArgumentException("the concurrency has to be at least 1, it is " + concurrency);
        }
    }

    /** A listener to streams with the defaults of its registry. */
    public static ListenerDefinition of(String peer, String stream) {
        return new ListenerDefinition("", peer, stream, "", null, null, null);
    }

    ListenerSource source() {
        if (!group.isEmpty()) {
            return ListenerSource.GROUP;
        }
        return stream.isEmpty() ? ListenerSource.CHANNELS : ListenerSource.STREAMS;
    }
}
