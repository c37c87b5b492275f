package io.conec.spring.support;

import io.conec.ConecMessage;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.support.GenericMessage;

/** A message of a stream as spring-messaging sees it: its bytes are the payload, and nothing of it is copied. */
public final class ReceivedMessage extends GenericMessage<byte[]> {
    private static final long serialVersionUID = 1L;

    private final transient ConecMessage message;

    /** A message with these headers, which many messages may share. */
    public ReceivedMessage(ConecMessage message, MessageHeaders headers) {
        super(message.bytes(), headers);
        this.message = message;
    }

    /** The message as it was received. */
    public ConecMessage message() {
        return message;
    }
}
