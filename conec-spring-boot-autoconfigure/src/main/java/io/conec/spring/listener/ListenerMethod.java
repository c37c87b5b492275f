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

    /** @throws Failures.ArgumentsFailed if the message cannot be made into arguments */
    @Nullable
    Object invoke(Message<?> message) throws Exception {
        @Nullable Object[] arguments;
        try {
            arguments = getMethodArgumentValues(message);
        } catch (Exception e) {
            throw new Failures.ArgumentsFailed(e);
        }
        return doInvoke(arguments);
    }
}
