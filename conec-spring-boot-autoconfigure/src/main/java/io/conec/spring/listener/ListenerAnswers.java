package io.conec.spring.listener;

import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.spring.support.PayloadConverter;
import org.springframework.messaging.Message;
import org.springframework.messaging.converter.MessageConversionException;

/**
 * What listener methods give, as messages.
 *
 * @param converter makes them
 * @param bufferBytes the send buffer of the party's streams
 */
record ListenerAnswers(PayloadConverter converter, int bufferBytes) {
    /** An answer on a stream of these headers. */
    ConecMessage message(Object answer, StreamHeaders headers) {
        Object payload = answer instanceof Message<?> message ? message.getPayload() : answer;
        try {
            return converter.writeAnswer(payload, headers.contentType());
        } catch (MessageConversionException e) {
            // Not the peer's fault, as this exception says where a payload is read.
            throw new IllegalStateException("The result cannot be sent: " + e.getMessage(), e);
        }
    }

    /** Sends all that a reactive result emits. */
    Publishing publish(Object result, CallContext call, ConecStream stream, StreamHeaders headers) {
        return Reactive.publish(result, call, stream, bufferBytes, answer -> message(answer, headers));
    }
}
