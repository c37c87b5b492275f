package io.conec.spring.listener;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.springframework.messaging.Message;
import org.springframework.messaging.handler.invocation.HandlerMethodArgumentResolverComposite;
import org.springframework.messaging.handler.invocation.InvocableHandlerMethod;

/** A listener method, called in two steps, so that what fails can be told: making the arguments, or the method. */
final class ListenerMethod extends InvocableHandlerMethod {
    ListenerMethod(Object bean, Method method, HandlerMethodArgumentResolverComposite resolvers) {
        super(bean, method);
        setMessageMethodArgumentResolvers(resolvers);
    }

    @Nullable
    Object[] arguments(Message<?> message) throws Exception {
        return getMethodArgumentValues(message);
    }

    @Nullable
    Object call(@Nullable Object... arguments) throws Exception {
        return doInvoke(arguments);
    }
}
