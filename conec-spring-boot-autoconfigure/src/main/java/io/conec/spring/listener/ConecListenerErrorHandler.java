package io.conec.spring.listener;

import org.jspecify.annotations.Nullable;
import org.springframework.messaging.Message;

/**
 * Decides what happens when a listener method, its arguments or its result fail. Named by a listener's attribute {@code errorHandler}.
 *
 * <p>Called on a thread that may block, before the listener takes the next message of the stream. Not called when the stream or its channel ended meanwhile: then nobody waits for an answer.
 */
@FunctionalInterface
public interface ConecListenerErrorHandler {
    /**
     * Handles a failure.
     *
     * @param message what was being handled: its payload are the bytes as they were received, the {@code ConecStream} for a listener to whole streams, or the {@code ConecChannel} for
     *     a listener to channels; its headers are those that the method gets, among them those of {@link io.conec.spring.support.ConecHeaders}
     * @param failure what the method threw, its result failed with, or why the payload could not be converted
     * @return what is sent in place of the method's result; null sends nothing. A stream of messages goes on, a whole one finishes. Of no meaning where there is nothing to answer: for a channel, a
     *     message of a group, or a {@code ConecStream} that the method owns, which is then this handler's to close
     * @throws Exception is logged, and resets the stream, as if there were no error handler: throw the failure itself for what is done by default
     */
    @Nullable
    Object handleError(Message<?> message, Throwable failure) throws Exception;
}
