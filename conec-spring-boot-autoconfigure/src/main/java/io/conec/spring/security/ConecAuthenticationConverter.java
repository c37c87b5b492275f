package io.conec.spring.security;

import io.conec.spring.support.ConecPeer;
import org.springframework.security.core.Authentication;

/** Says what a peer is to Spring Security. A bean of this type replaces the default, which is a {@link ConecPeerAuthentication} with one role. */
@FunctionalInterface
public interface ConecAuthenticationConverter {
    /** What listener methods find in the security context while they handle something that this peer sent. Called for each call, so it should be quick. */
    Authentication convert(ConecPeer peer);
}
