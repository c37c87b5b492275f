package io.conec.spring.listener;

import io.conec.ConecChannel;
import io.conec.ConecGroup;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.spring.support.ConecHeaders;
import io.conec.spring.support.ConecPeer;
import io.conec.spring.support.PayloadConverter;
import io.conec.spring.support.ReceivedMessage;
import java.lang.reflect.Method;
import java.security.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.core.MethodParameter;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.format.support.DefaultFormattingConversionService;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.handler.annotation.support.HeaderMethodArgumentResolver;
import org.springframework.messaging.handler.annotation.support.HeadersMethodArgumentResolver;
import org.springframework.messaging.handler.annotation.support.MessageMethodArgumentResolver;
import org.springframework.messaging.handler.annotation.support.PayloadMethodArgumentResolver;
import org.springframework.messaging.handler.invocation.HandlerMethodArgumentResolver;
import org.springframework.messaging.handler.invocation.HandlerMethodArgumentResolverComposite;
import org.springframework.validation.Validator;

/** Makes {@link ListenerMethod}s: spring-messaging's argument resolvers, with conec's own types and the application's before the payload. */
final class ListenerMethods {
    private final List<HandlerMethodArgumentResolver> others;
    private final HandlerMethodArgumentResolverComposite resolvers = new HandlerMethodArgumentResolverComposite();

    ListenerMethods(
            PayloadConverter converter,
            @Nullable Validator validator,
            List<HandlerMethodArgumentResolver> others,
            BeanFactory beanFactory) {
        this.others = others;
        PayloadResolver payloads = new PayloadResolver(converter, validator);
        resolvers.addResolver(new HeaderMethodArgumentResolver(
                new DefaultFormattingConversionService(),
                beanFactory instanceof ConfigurableBeanFactory configurable ? configurable : null));
        resolvers.addResolver(new HeadersMethodArgumentResolver());
        resolvers.addResolver(new MessageResolver(converter));
        resolvers.addResolver(new HeaderValueResolver(ConecStream.class, ConecHeaders.STREAM));
        resolvers.addResolver(new HeaderValueResolver(ConecChannel.class, ConecHeaders.CHANNEL));
        resolvers.addResolver(new HeaderValueResolver(ConecGroup.class, ConecHeaders.GROUP));
        resolvers.addResolvers(others);
        resolvers.addResolver(new HeaderValueResolver(ConecPeer.class, ConecHeaders.SENDER));
        resolvers.addResolver(new HeaderValueResolver(Principal.class, ConecHeaders.SENDER));
        resolvers.addResolver(new PublisherResolver(payloads));
        resolvers.addResolver(payloads);
    }

    /** Whether an argument is the sender, or comes from one of the application's resolvers. */
    boolean isOther(MethodParameter parameter) {
        return parameter.getParameterType() == ConecPeer.class
                || parameter.getParameterType() == Principal.class
                || others.stream().anyMatch(resolver -> resolver.supportsParameter(parameter));
    }

    ListenerMethod create(Object bean, Method method) {
        return new ListenerMethod(bean, method, resolvers);
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
    private static final class MessageResolver extends MessageMethodArgumentResolver {
        MessageResolver(PayloadConverter converter) {
            super(converter.reader());
        }

        @Override
        protected boolean isEmptyPayload(@Nullable Object payload) {
            return payload == null;
        }
    }

    /** As {@link MessageResolver}. */
    private static final class PayloadResolver extends PayloadMethodArgumentResolver {
        PayloadResolver(PayloadConverter converter, @Nullable Validator validator) {
            super(converter.reader(), validator);
        }

        @Override
        protected boolean isEmptyPayload(@Nullable Object payload) {
            return payload == null;
        }
    }

    /** All payloads of a stream, converted and validated as they are asked for. */
    private record PublisherResolver(PayloadResolver payloads) implements HandlerMethodArgumentResolver {
        @Override
        public boolean supportsParameter(MethodParameter parameter) {
            ReactiveAdapter adapter = adapter(parameter);
            return adapter != null && adapter.isMultiValue();
        }

        @Override
        public @Nullable Object resolveArgument(MethodParameter parameter, Message<?> message) {
            ReactiveAdapter adapter = adapter(parameter);
            if (adapter == null || !(message.getPayload() instanceof ConecStream stream)) {
                throw new IllegalStateException("no stream of payloads for " + parameter);
            }
            MethodParameter element = parameter.nested();
            return Reactive.payloads(adapter, stream, received -> payload(element, received, message.getHeaders()));
        }

        private Object payload(MethodParameter element, ConecMessage received, MessageHeaders headers) {
            try {
                Object payload = payloads.resolveArgument(element, new ReceivedMessage(received, headers));
                if (payload != null) {
                    return payload;
                }
                throw new IllegalStateException("a payload became null");
            } catch (Exception e) {
                throw new Failures.ArgumentsFailed(e);
            }
        }

        private static @Nullable ReactiveAdapter adapter(MethodParameter parameter) {
            return ReactiveAdapterRegistry.getSharedInstance().getAdapter(parameter.getParameterType());
        }
    }
}
