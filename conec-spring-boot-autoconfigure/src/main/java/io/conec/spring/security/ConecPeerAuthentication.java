package io.conec.spring.security;

import io.conec.spring.support.ConecPeer;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/** A peer that proved its name by its certificate. What it may do is up to the application: it has one role, {@link #CLIENT} or {@link #COORDINATOR}, unless a {@link ConecAuthenticationConverter} gives it others. */
public final class ConecPeerAuthentication extends AbstractAuthenticationToken {
    private static final long serialVersionUID = 1L;

    /** The authority of clients: {@code hasRole("CONEC_CLIENT")}. */
    public static final String CLIENT = "ROLE_CONEC_CLIENT";

    /** The authority of the coordinator: {@code hasRole("CONEC_COORDINATOR")}. */
    public static final String COORDINATOR = "ROLE_CONEC_COORDINATOR";

    private final transient ConecPeer peer;
    private final String name;

    /** That peer, with its role. */
    public ConecPeerAuthentication(ConecPeer peer) {
        this(peer, List.of(new SimpleGrantedAuthority(peer.coordinator() ? COORDINATOR : CLIENT)));
    }

    /** That peer with these authorities. */
    public ConecPeerAuthentication(ConecPeer peer, Collection<? extends GrantedAuthority> authorities) {
        super(authorities);
        this.peer = peer;
        this.name = peer.name();
        setAuthenticated(true);
    }

    /** None: the certificate was checked when the channel opened. */
    @Override
    public Object getCredentials() {
        return "";
    }

    /** The peer's name. */
    @Override
    public Object getPrincipal() {
        return name;
    }

    /** The peer. */
    public ConecPeer peer() {
        return peer;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConecPeerAuthentication authentication
                && super.equals(other)
                && Objects.equals(peer, authentication.peer);
    }

    @Override
    public int hashCode() {
        return 31 * super.hashCode() + name.hashCode();
    }
}
