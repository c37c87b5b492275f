package io.conec.spring.listener;

import io.conec.ConecMessage;
import io.conec.spring.support.PayloadConverter;
import org.springframework.messaging.Message;
import org.springframework.messaging.converter.MessageConversionException;

/** What listener methods give, as messages. */
final class ListenerAnswers {
    private ListenerAnswers() {}

    /** An answer on a stream of these headers. */
    static ConecMessage message(PayloadConverter converter, Object answer, StreamHeaders headers) {
        Object payload = answer instanceof Message<?> message ? message.getPayload() : answer;
        try {
            return converter.writeAnswer(payload, headers.contentType());
        } catch (MessageConversionException e) {
            // Not the peer's fault, as this exception says where a payload is read.
            throw new IllegalStateException("The result cannot be sent: " + e.getMessage(), e);
        }
    }
}
