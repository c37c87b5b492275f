package io.conec.client;

/** Which paths a client lets its channels to other clients take. A channel takes those that both clients let it take. */
public enum PathPolicy {
    /** The relay at once, a direct path as soon as one works and as long as it does. The default. */
    AUTO,
    /** Only the relay: the peer learns none of this client's addresses. */
    RELAY_ONLY,
    /**
     * Only a direct path: the relay carries the handshake and what it takes to find a path, and nothing of a stream. A channel opens when there is a direct path, or fails with
     * {@link io.conec.ErrorCode#NO_DIRECT_PATH}; when it loses its path it waits for another, at most for the idle timeout.
     */
    DIRECT_ONLY;

    /** What two clients have in common; null if nothing. */
    static @org.jspecify.annotations.Nullable PathPolicy common(PathPolicy a, PathPolicy b) {
        if (a == b || b == AUTO) {
            return a;
        }
        return a == AUTO ? b : null;
    }
}
