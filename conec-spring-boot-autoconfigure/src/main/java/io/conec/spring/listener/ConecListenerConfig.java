package io.conec.spring.listener;

import io.conec.spring.support.PayloadConverter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.messaging.handler.invocation.HandlerMethodArgumentResolver;
import org.springframework.validation.Validator;

/**
 * What all listeners of a registry have in common.
 *
 * @param converter reads payloads and writes answers
 * @param validator checks payloads annotated with {@code @Valid} or {@code @Validated}; null if there is none
 * @param argumentResolvers for arguments of further types, asked before an argument is taken for the payload
 * @param executor runs listener methods that had to wait for their turn, and what follows on results that come later; has to be one whose threads may block
 * @param concurrency how many calls of a listener may be under way at once unless it says otherwise; listeners that take or return whole streams have no limit of their own
 * @param autoStartup whether listeners start with the application unless they say otherwise
 * @param gracePeriod how long calls under way may take to finish when listeners are stopped
 */
public record ConecListenerConfig(
        PayloadConverter converter,
        @Nullable Validator validator,
        List<HandlerMethodArgumentResolver> argumentResolvers,
        Executor executor,
        int concurrency,
        boolean autoStartup,
        Duration gracePeriod) {
    /** @throws IllegalArgumentException if the concurrency is below 1 */
    public ConecListenerConfig {
        argumentResolvers = List.copyOf(argumentResolvers);
        if (concurrency < 1) {
            throw new IllegalArgumentException("the concurrency has to be at least 1, it is " + concurrency);
        }
    }
}
