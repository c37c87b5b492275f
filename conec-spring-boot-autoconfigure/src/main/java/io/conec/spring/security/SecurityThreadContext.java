package io.conec.spring.security;

import io.conec.Registration;
import io.conec.spring.listener.ConecListenerThreadContext;
import io.conec.spring.support.ConecPeer;
import java.util.Map;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import reactor.core.publisher.Mono;

/** Puts the peer into the security context. */
public final class SecurityThreadContext implements ConecListenerThreadContext {
    private final ConecAuthenticationConverter converter;

    /** Puts in what the converter makes of the peer. */
    public SecurityThreadContext(ConecAuthenticationConverter converter) {
        this.converter = converter;
    }

    @Override
    public Registration bind(ConecPeer peer) {
        SecurityContextHolderStrategy holder = SecurityContextHolder.getContextHolderStrategy();
        SecurityContext before = holder.getContext();
        holder.setContext(context(peer));
        return () -> {
            if (before.getAuthentication() == null) {
                holder.clearContext();
            } else {
                holder.setContext(before);
            }
        };
    }

    @Override
    public Map<Object, Object> reactorContext(ConecPeer peer) {
        // As ReactiveSecurityContextHolder keeps it.
        return Map.of(SecurityContext.class, Mono.fromSupplier(() -> context(peer)));
    }

    private SecurityContext context(ConecPeer peer) {
        SecurityContext context =
                SecurityContextHolder.getContextHolderStrategy().createEmptyContext();
        context.setAuthentication(converter.convert(peer));
        return context;
    }
}
