package io.conec.spring.listener;

import io.conec.ConecChannel;
import io.conec.Registration;

/** Something that listener methods find bound to their thread, such as a security context. Beans of this type apply to all listeners. */
@FunctionalInterface
public interface ConecListenerThreadContext {
    /**
     * Binds it to the current thread, before a method is called for something of that channel. With Micrometer's context propagation on the class path, what has a {@code ThreadLocalAccessor} is found in the Reactor context of the {@code Mono} or {@code Flux} that the
     * method returns, too.
     *
     * @return closing it restores what was bound before
     */
    Registration bind(ConecChannel channel);
}
