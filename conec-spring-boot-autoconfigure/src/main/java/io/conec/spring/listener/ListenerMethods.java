package io.conec.spring.listener;

import io.conec.ConecChannel;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.core.MethodParameter;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.converter.AbstractMessageConverter;
import org.springframework.messaging.converter.ByteArrayMessageConverter;
import org.springframework.messaging.converter.CompositeMessageConverter;
import org.springframework.messaging.converter.MessageConversionException;
import org.springframework.messaging.converter.MessageConverter;
import org.springframework.messaging.converter.StringMessageConverter;
import org.springframework.messaging.handler.annotation.support.DefaultMessageHandlerMethodFactory;
import org.springframework.messaging.handler.annotation.support.PayloadMethodArgumentResolver;
import org.springframework.messaging.handler.invocation.HandlerMethodArgumentResolver;
import org.springframework.messaging.handler.invocation.HandlerMethodArgumentResolverComposite;
import org.springframework.util.MimeType;

/** Makes {@link ListenerMethod}s: spring-messaging's argument resolvers, with conec's own types before the payload. */
final class ListenerMethods extends DefaultMessageHandlerMethodFactory {
    private final MessageConverter converter;
    private final HandlerMethodArgumentResolverComposite resolvers = new HandlerMethodArgumentResolverComposite();

    ListenerMethods(@Nullable MessageConverter json, BeanFactory beanFactory) {
        List<MessageConverter> converters = new ArrayList<>(
                List.of(new ByteArrayMessageConverter(), new StringMessageConverter(), new ConecMessageConverter()));
        if (json != null) {
            converters.add(json);
        }
        converter = new CompositeMessageConverter(converters);
        setMessageConverter(converter);
        setBeanFactory(beanFactory);
        setCustomArgumentResolvers(List.of(
                new HeaderValueResolver(ConecStream.class, ConecHeaders.STREAM),
                new HeaderValueResolver(ConecChannel.class, ConecHeaders.CHANNEL),
                new PayloadResolver(converter)));
        afterPropertiesSet();
        resolvers.addResolvers(initArgumentResolvers());
    }

    ListenerMethod create(Object bean, Method method) {
        return new ListenerMethod(bean, method, resolvers);
    }

    /** A returned value as a message. */
    ConecMessage toMessage(Object value) {
        if (value instanceof ConecMessage message) {
            return message;
        }
        Object payload = value instanceof Message<?> message ? message.getPayload() : value;
        Message<?> converted = converter.toMessage(payload, null);
        if (converted == null) {
            throw new MessageConversionException(
                    "no converter for " + payload.getClass().getName());
        }
        return converted.getPayload() instanceof ConecMessage message
                ? message
                : ConecMessage.of((byte[]) converted.getPayload());
    }

    /** What the container itself put into the headers. */
    private record HeaderValueResolver(Class<?> type, String header) implements HandlerMethodArgumentResolver {
        @Override
        public boolean supportsParameter(MethodParameter parameter) {
            return parameter.getParameterType() == type;
        }

        @Override
        public @Nullable Object resolveArgument(MethodParameter parameter, Message<?> message) {
            return message.getHeaders().get(header);
        }
    }

    /** Spring's takes a message without bytes for no message at all. */
    private static final class PayloadResolver extends PayloadMethodArgumentResolver {
        PayloadResolver(MessageConverter converter) {
            super(converter);
        }

        @Override
        protected boolean isEmptyPayload(@Nullable Object payload) {
            return payload == null;
        }
    }

    private static final class ConecMessageConverter extends AbstractMessageConverter {
        ConecMessageConverter() {
            super(List.<MimeType>of());
        }

        @Override
        protected boolean supports(Class<?> type) {
            return type == ConecMessage.class;
        }

        @Override
        protected @Nullable Object convertFromInternal(Message<?> message, Class<?> type, @Nullable Object hint) {
            return ConecMessage.of((byte[]) message.getPayload());
        }

        @Override
        protected @Nullable Object convertToInternal(
                Object payload, @Nullable MessageHeaders headers, @Nullable Object hint) {
            return payload;
        }
    }
}
