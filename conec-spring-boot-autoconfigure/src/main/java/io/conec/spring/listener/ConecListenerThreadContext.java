package io.conec.spring.listener;

import io.conec.Registration;
import io.conec.spring.support.ConecPeer;
import java.util.Map;

/** Something that listener methods find bound to their thread, or in their Reactor context, such as a security context. Beans of this type apply to all listeners. */
@FunctionalInterface
public interface ConecListenerThreadContext {
    /**
     * Binds it to the current thread, before a method is called for something that this peer sent.
     *
     * @return closing it restores what was bound before
     */
    Registration bind(ConecPeer peer);

    /**
     * What the {@code Mono} or {@code Flux} that a method returns finds in its Reactor context; nothing by default. With Micrometer's context propagation on the class path, whatever is bound to the thread and has a {@code ThreadLocalAccessor} is
     * there too.
     */
    default Map<Object, Object> reactorContext(ConecPeer peer) {
        return Map.of();
    }
}
