package io.conec.coordinator;

import io.conec.ConecException;
import io.conec.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may do what: of the rules the first that matches a request decides, else the authorizer, else the default.
 *
 * <p>Where the rules end: the coordinator decides which clients get to know each other, and what is sent to itself and to groups. What two clients that it has introduced send each other is
 * encrypted between them, so no rule here can tell their streams apart; that is for the clients' own handlers.
 *
 * @param rules in order
 * @param authorizer asked where no rule matches; null for none
 * @param defaultAccess where neither decides
 */
public record AccessPolicy(List<AccessRule> rules, @Nullable ConecAuthorizer authorizer, Access defaultAccess) {
    /** Everything is allowed, which is the default. */
    public static final AccessPolicy ALLOW_ALL = new AccessPolicy(List.of(), null, Access.ALLOW);

    /** @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} */
    public AccessPolicy {
        rules = List.copyOf(rules);
    }
}
