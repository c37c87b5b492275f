package io.conec.spring.support;

import java.security.Principal;

/**
 * Who sent what a listener handles: a name that was proven. Listener methods may take it, as a {@link Principal} too.
 *
 * @param name a client's id, or the coordinator's host name
 * @param coordinator whether it is this client's coordinator, whose host name may also be the id of a client
 */
public record ConecPeer(String name, boolean coordinator) implements Principal {
    @Override
    public String getName() {
        return name;
    }
}
