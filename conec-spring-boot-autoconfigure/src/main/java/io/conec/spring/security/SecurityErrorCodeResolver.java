package io.conec.spring.security;

import io.conec.ErrorCode;
import io.conec.spring.listener.ConecErrorCodeResolver;
import java.util.Optional;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.core.AuthenticationException;

/** What Spring Security denies is {@link ErrorCode#NOT_ALLOWED}. */
public final class SecurityErrorCodeResolver implements ConecErrorCodeResolver {
    @Override
    public Optional<ErrorCode> resolve(Throwable failure) {
        return failure instanceof AccessDeniedException || failure instanceof AuthenticationException
                ? Optional.of(ErrorCode.NOT_ALLOWED)
                : Optional.empty();
    }
}
