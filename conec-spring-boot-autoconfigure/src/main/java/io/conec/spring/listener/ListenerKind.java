package io.conec.spring.listener;

import io.conec.ConecChannel;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Headers;

/** What a listener method handles. */
enum ListenerKind {
    /** A channel that opened. */
    CHANNEL,
    /** A stream, which the method owns. */
    STREAM,
    /** Each message of a stream. */
    MESSAGE;

    /**
     * Tells it from the signature.
     *
     * @param named whether the annotation names streams
     * @param json whether payloads can be read from and written as JSON
     * @throws IllegalStateException saying what is wrong with the method
     */
    static ListenerKind of(Object bean, Method method, boolean named, boolean json) {
        checkInvocable(bean, method);
        List<Parameter> payloads = new ArrayList<>();
        List<Class<?>> types = List.of(method.getParameterTypes());
        for (Parameter parameter : method.getParameters()) {
            if (isPayload(parameter)) {
                payloads.add(parameter);
            }
        }
        if (!named) {
            if (types.equals(List.of(ConecChannel.class))) {
                checkReturnsNothing(method, "is told of opened channels");
                return CHANNEL;
            }
            throw new IllegalStateException(
                    "takes " + describe(types) + ": without the attribute \"stream\" it takes exactly one ConecChannel,"
                            + " with it a ConecStream or a payload");
        }
        if (payloads.size() > 1) {
            throw new IllegalStateException("has more than one argument for the payload: "
                    + describe(
                            payloads.stream().<Class<?>>map(Parameter::getType).toList())
                    + "; annotate headers with @Header");
        }
        if (payloads.size() == 1) {
            checkPayload(payloads.get(0).getType(), "takes", json);
            checkPayload(method.getReturnType(), "returns", json);
            return MESSAGE;
        }
        if (types.contains(ConecStream.class)) {
            checkReturnsNothing(method, "owns its stream");
            return STREAM;
        }
        throw new IllegalStateException(
                "takes " + describe(types)
                        + ": with the attribute \"stream\" it takes a ConecStream or a payload (byte[], String, ConecMessage or an object)");
    }

    private static void checkInvocable(Object bean, Method method) {
        int modifiers = method.getModifiers();
        if (Modifier.isPrivate(modifiers) || Modifier.isStatic(modifiers)) {
            throw new IllegalStateException("may be neither private nor static");
        }
        if (AopUtils.isCglibProxy(bean) && Modifier.isFinal(modifiers)) {
            throw new IllegalStateException("may not be final, because the bean is proxied by a subclass");
        }
    }

    private static boolean isPayload(Parameter parameter) {
        Class<?> type = parameter.getType();
        return type != ConecStream.class
                && type != ConecChannel.class
                && !MessageHeaders.class.isAssignableFrom(type)
                && !AnnotatedElementUtils.hasAnnotation(parameter, Header.class)
                && !AnnotatedElementUtils.hasAnnotation(parameter, Headers.class);
    }

    private static void checkPayload(Class<?> type, String verb, boolean json) {
        if (type == void.class || type == byte[].class || type == String.class || type == ConecMessage.class) {
            return;
        }
        if (Future.class.isAssignableFrom(type)
                || ReactiveAdapterRegistry.getSharedInstance().getAdapter(type) != null) {
            throw new IllegalStateException(verb + " " + type.getSimpleName() + ", which is no type of payload");
        }
        if (!json && !Message.class.isAssignableFrom(type)) {
            throw new IllegalStateException(verb + " " + type.getSimpleName()
                    + " as JSON, but there is no single JsonMapper bean: add spring-boot-starter-jackson, or use byte[], String or"
                    + " ConecMessage");
        }
    }

    private static void checkReturnsNothing(Method method, String why) {
        if (method.getReturnType() != void.class) {
            throw new IllegalStateException(why + " and has to return nothing, it returns "
                    + method.getReturnType().getSimpleName());
        }
    }

    private static String describe(List<Class<?>> types) {
        return types.isEmpty()
                ? "no argument"
                : String.join(", ", types.stream().map(Class::getSimpleName).toList());
    }
}
