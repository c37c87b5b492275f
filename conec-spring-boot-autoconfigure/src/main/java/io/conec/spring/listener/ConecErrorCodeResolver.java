package io.conec.spring.listener;

import io.conec.ErrorCode;
import java.util.Optional;

/** Knows which code tells the other side best that a listener failed with some exception. Beans of this type apply to all listeners. */
@FunctionalInterface
public interface ConecErrorCodeResolver {
    /**
     * The code to reset the stream with, which is then the peer's doing as a rule: it is logged without a stack trace.
     *
     * @return empty to leave it to others; by default it is {@link ErrorCode#HANDLER_FAILED}
     */
    Optional<ErrorCode> resolve(Throwable failure);
}
