package io.conec.spring.support;

import io.conec.ConecMessage;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.core.ResolvableType;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.converter.MessageConversionException;
import org.springframework.messaging.converter.MessageConverter;
import org.springframework.messaging.converter.SmartMessageConverter;
import org.springframework.util.ClassUtils;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;

/**
 * Turns payloads into messages and back.
 *
 * <p>{@link ConecMessage} and {@code byte[]} stay what they are, a {@code String} becomes its text: in the charset of the content type, else in UTF-8. Everything else is
 * for the given converters, the first that takes the type and the content type. Which content type a payload has travels in the header {@value #CONTENT_TYPE} of its
 * stream; a payload without one is read as what the receiver wants it to be.
 *
 * <p>All methods may be called from any thread.
 */
public final class PayloadConverter {
    /** The stream header with the content type (RFC 9110, section 8.3) of the payloads that the opener of the stream sends. */
    public static final String CONTENT_TYPE = "content-type";

    private final List<MessageConverter> converters;

    /**
     * A payload and its content type.
     *
     * @param message the bytes
     * @param contentType what they are; null if that is not known, as of bytes
     */
    public record Written(ConecMessage message, @Nullable MimeType contentType) {}

    /** @param converters for payloads that are neither bytes nor text, in the order in which they are asked; may be empty */
    public PayloadConverter(Collection<? extends MessageConverter> converters) {
        this.converters = List.copyOf(converters);
    }

    /** Whether there are converters for payloads that are neither bytes nor text. */
    public boolean convertsObjects() {
        return !converters.isEmpty();
    }

    /** For spring-messaging's argument resolvers: only reads. Not this object's own type, so that it is no converter bean that others would pick up. */
    public SmartMessageConverter reader() {
        return new Reader();
    }

    /** Whether payloads of this type need none of the given converters. */
    public static boolean isBytesOrText(Class<?> type) {
        return type == byte[].class || type == String.class || type == ConecMessage.class;
    }

    /**
     * Makes a message.
     *
     * @param contentType what the payload shall become; null leaves it to the payload's type
     * @throws MessageConversionException if no converter takes the payload, or it cannot be written
     */
    public Written write(Object payload, @Nullable MimeType contentType) {
        if (payload instanceof ConecMessage message) {
            return new Written(message, contentType);
        }
        if (payload instanceof byte[] bytes) {
            return new Written(ConecMessage.of(bytes), contentType);
        }
        if (payload instanceof String text) {
            return new Written(
                    ConecMessage.of(text.getBytes(charset(contentType))),
                    contentType == null ? MimeTypeUtils.TEXT_PLAIN : contentType);
        }
        Message<?> converted = toMessage(payload, contentType);
        if (converted == null) {
            throw new MessageConversionException("no converter for "
                    + payload.getClass().getName() + (contentType == null ? "" : " as " + contentType));
        }
        MimeType written = contentType(converted.getHeaders());
        return new Written(bytes(converted.getPayload()), written == null ? contentType : written);
    }

    /** {@link #write} as the content type of the other payloads of its stream, or, if that does not fit the payload's type, as whatever does. */
    public ConecMessage writeAnswer(Object payload, @Nullable MimeType contentType) {
        if (contentType != null && payload instanceof String text) {
            return ConecMessage.of(text.getBytes(charset(contentType)));
        }
        if (contentType == null || payload instanceof byte[] || payload instanceof ConecMessage) {
            return write(payload, null).message();
        }
        Message<?> converted = toMessage(payload, contentType);
        return converted == null ? write(payload, null).message() : bytes(converted.getPayload());
    }

    /**
     * Reads a message.
     *
     * @param contentType what it is; null if that is not known
     * @throws MessageConversionException if no converter reads this content type as that type, or the message is malformed
     */
    public Object read(ConecMessage message, @Nullable MimeType contentType, ParameterizedTypeReference<?> type) {
        Class<?> target = ResolvableType.forType(type).toClass();
        ReceivedMessage received = new ReceivedMessage(message, headers(contentType));
        Object payload = fromMessage(received, target, new TypeParameter(type));
        if (payload == null) {
            throw new MessageConversionException(
                    received,
                    "no converter to " + type.getType().getTypeName()
                            + (contentType == null ? "" : " from " + contentType));
        }
        return payload;
    }

    /** {@link #read}, of what {@link #writeAnswer} has written. */
    public Object readAnswer(ConecMessage message, @Nullable MimeType contentType, ParameterizedTypeReference<?> type) {
        if (contentType != null) {
            Object payload = fromMessage(
                    new ReceivedMessage(message, headers(contentType)),
                    ResolvableType.forType(type).toClass(),
                    new TypeParameter(type));
            if (payload != null) {
                return payload;
            }
        }
        return read(message, null, type);
    }

    private @Nullable Object fromMessage(Message<?> message, Class<?> type, @Nullable Object hint) {
        if (type == ConecMessage.class) {
            return message instanceof ReceivedMessage received ? received.message() : bytes(message.getPayload());
        }
        if (type == byte[].class) {
            return bytes(message.getPayload()).bytes();
        }
        if (type == String.class) {
            return new String(bytes(message.getPayload()).bytes(), charset(contentType(message.getHeaders())));
        }
        // Checked here, so that all converters find it well-formed.
        contentType(message.getHeaders());
        for (MessageConverter converter : converters) {
            Object payload = converter instanceof SmartMessageConverter smart
                    ? smart.fromMessage(message, type, hint)
                    : converter.fromMessage(message, type);
            if (payload != null && ClassUtils.isAssignableValue(type, payload)) {
                return payload;
            }
        }
        return null;
    }

    private @Nullable Message<?> toMessage(Object payload, @Nullable MimeType contentType) {
        MessageHeaders headers = headers(contentType);
        for (MessageConverter converter : converters) {
            Message<?> message = converter.toMessage(payload, headers);
            if (message != null) {
                return message;
            }
        }
        return null;
    }

    private static @Nullable MimeType parse(String contentType) {
        try {
            return contentType.isEmpty() ? null : MimeTypeUtils.parseMimeType(contentType);
        } catch (IllegalArgumentException e) {
            throw new MessageConversionException("malformed content type", e);
        }
    }

    private static @Nullable MimeType contentType(MessageHeaders headers) {
        Object value = headers.get(MessageHeaders.CONTENT_TYPE);
        return value instanceof MimeType type ? type : value instanceof String text ? parse(text) : null;
    }

    private static MessageHeaders headers(@Nullable MimeType contentType) {
        return new MessageHeaders(contentType == null ? Map.of() : Map.of(MessageHeaders.CONTENT_TYPE, contentType));
    }

    private static Charset charset(@Nullable MimeType contentType) {
        Charset charset = contentType == null ? null : contentType.getCharset();
        return charset == null ? StandardCharsets.UTF_8 : charset;
    }

    private static ConecMessage bytes(Object payload) {
        if (payload instanceof byte[] bytes) {
            return ConecMessage.of(bytes);
        }
        if (payload instanceof String text) {
            return ConecMessage.of(text);
        }
        throw new MessageConversionException(
                "a converter made a " + payload.getClass().getName() + " where bytes or text are needed");
    }

    private final class Reader implements SmartMessageConverter {
        @Override
        public @Nullable Object fromMessage(Message<?> message, Class<?> type) {
            return PayloadConverter.this.fromMessage(message, type, null);
        }

        @Override
        public @Nullable Object fromMessage(Message<?> message, Class<?> type, @Nullable Object hint) {
            return PayloadConverter.this.fromMessage(message, type, hint);
        }

        @Override
        public @Nullable Message<?> toMessage(Object payload, @Nullable MessageHeaders headers) {
            throw new UnsupportedOperationException();
        }

        @Override
        public @Nullable Message<?> toMessage(Object payload, @Nullable MessageHeaders headers, @Nullable Object hint) {
            throw new UnsupportedOperationException();
        }
    }

    /** A type in the form in which spring-messaging's converters expect it as a hint. */
    private static final class TypeParameter extends MethodParameter {
        // A method parameter belongs to some method; nobody asks this one for it.
        private static final Method METHOD = ClassUtils.getMethod(Object.class, "hashCode");

        private final ParameterizedTypeReference<?> type;

        TypeParameter(ParameterizedTypeReference<?> type) {
            super(METHOD, -1);
            this.type = type;
        }

        private TypeParameter(TypeParameter original) {
            super(original);
            this.type = original.type;
        }

        @Override
        public Class<?> getParameterType() {
            return ResolvableType.forType(type).toClass();
        }

        @Override
        public Type getGenericParameterType() {
            return type.getType();
        }

        @Override
        public MethodParameter clone() {
            return new TypeParameter(this);
        }
    }
}
