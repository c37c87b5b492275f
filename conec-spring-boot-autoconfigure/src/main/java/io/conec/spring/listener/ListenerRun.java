package io.conec.spring.listener;

import io.conec.ConecException;
import io.conec.ErrorCode;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all calls of one listener have in common.
 *
 * @param endpoint the method
 * @param gate lets calls begin
 * @param contexts what surrounds each call
 * @param config what all listeners have in common
 */
record ListenerRun(ListenerEndpoint endpoint, Gate gate, CallContext.Factory contexts, ConecListenerConfig config) {
    private static final Logger log = LoggerFactory.getLogger(ListenerRun.class);

    String id() {
        return endpoint.id();
    }

    Executor executor() {
        return config.executor();
    }

    /** The code that tells best of a failure; empty if that is a fault of the listener. */
    Optional<ErrorCode> code(Throwable cause) {
        if (cause instanceof ConecException known) {
            return Optional.of(known.code()).filter(code -> code != ErrorCode.NO_ERROR);
        }
        return config.errorCodes().stream()
                .map(resolver -> resolve(resolver, cause))
                .flatMap(Optional::stream)
                .filter(code -> code != ErrorCode.NO_ERROR)
                .findFirst();
    }

    private static Optional<ErrorCode> resolve(ConecErrorCodeResolver resolver, Throwable cause) {
        try {
            return resolver.resolve(cause);
        } catch (RuntimeException e) {
            log.error("{} failed on {}", resolver.getClass().getName(), cause.toString(), e);
            return Optional.empty();
        }
    }
}
