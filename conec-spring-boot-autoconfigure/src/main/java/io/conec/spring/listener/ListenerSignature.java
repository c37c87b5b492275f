package io.conec.spring.listener;

import io.conec.ConecChannel;
import io.conec.ConecGroup;
import io.conec.ConecStream;
import io.conec.spring.support.PayloadConverter;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.MethodParameter;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.annotation.SynthesizingMethodParameter;
import org.springframework.messaging.Message;
import org.springframework.messaging.MessageHeaders;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Headers;
import org.springframework.messaging.handler.annotation.Payload;
import org.springframework.messaging.support.MessageHeaderAccessor;
import org.springframework.validation.annotation.ValidationAnnotationUtils;

/**
 * What a listener method takes and gives, told from its signature.
 *
 * @param kind what it handles
 * @param payload the argument with the payload or payloads; null if it takes none
 * @param result how it answers
 */
record ListenerSignature(ListenerKind kind, @Nullable MethodParameter payload, ResultKind result) {
    /**
     * What payloads there can be.
     *
     * @param objects whether there is a converter for anything but bytes and text
     * @param validated whether there is a validator
     * @param isOther whether an argument comes from elsewhere, so that it is no payload
     */
    record Payloads(boolean objects, boolean validated, Predicate<MethodParameter> isOther) {}

    /**
     * Tells the signature.
     *
     * @throws IllegalStateException saying what is wrong with the method
     */
    static ListenerSignature of(Object bean, Method method, ListenerSource source, Payloads payloads) {
        checkInvocable(bean, method);
        List<Class<?>> types = List.of(method.getParameterTypes());
        List<MethodParameter> candidates = new ArrayList<>();
        for (int i = 0; i < types.size(); i++) {
            MethodParameter parameter = new SynthesizingMethodParameter(method, i);
            if (isPayload(parameter, payloads)) {
                candidates.add(parameter);
            }
        }
        MethodParameter returned = new SynthesizingMethodParameter(method, -1);
        return switch (source) {
            case CHANNELS -> ofChannels(types, returned);
            case STREAMS -> ofStreams(types, candidates, returned, payloads);
            case GROUP -> ofGroup(types, candidates, returned, payloads);
        };
    }

    private static ListenerSignature ofChannels(List<Class<?>> types, MethodParameter returned) {
        if (types.equals(List.of(ConecChannel.class))) {
            return new ListenerSignature(
                    ListenerKind.CHANNEL, null, returnsNothing(returned, "is told of opened channels"));
        }
        throw new IllegalStateException(
                "takes " + describe(types) + ": without the attribute \"stream\" it takes exactly one ConecChannel,"
                        + " with it a ConecStream or a payload");
    }

    private static ListenerSignature ofStreams(
            List<Class<?>> types, List<MethodParameter> candidates, MethodParameter returned, Payloads payloads) {
        if (types.contains(ConecGroup.class)) {
            throw new IllegalStateException(
                    "takes " + describe(types) + ": a ConecGroup is for listeners with the attribute \"group\"");
        }
        if (candidates.size() > 1) {
            throw new IllegalStateException("has more than one argument for the payload: "
                    + describe(candidates.stream()
                            .<Class<?>>map(MethodParameter::getParameterType)
                            .toList())
                    + "; annotate headers with @Header");
        }
        if (candidates.size() == 1) {
            return withPayload(candidates.get(0), returned, payloads);
        }
        if (types.contains(ConecStream.class)) {
            return new ListenerSignature(ListenerKind.STREAM, null, returnsNothing(returned, "owns its stream"));
        }
        throw new IllegalStateException("takes " + describe(types)
                + ": with the attribute \"stream\" it takes a ConecStream or a payload (byte[], String, ConecMessage or an object, or a"
                + " Flux of them)");
    }

    private static ListenerSignature ofGroup(
            List<Class<?>> types, List<MethodParameter> candidates, MethodParameter returned, Payloads payloads) {
        if (candidates.size() != 1 || types.contains(ConecStream.class) || types.contains(ConecChannel.class)) {
            throw new IllegalStateException("takes " + describe(types)
                    + ": with the attribute \"group\" it takes one payload (byte[], String, ConecMessage or an object), and may take the"
                    + " ConecGroup, but no ConecStream or ConecChannel");
        }
        ListenerSignature signature = withPayload(candidates.get(0), returned, payloads);
        Class<?> answer = signature.result().answerType(returned);
        if (signature.kind() != ListenerKind.MESSAGE
                || signature.result() == ResultKind.FLUX
                || (answer != void.class && answer != Void.class)) {
            // An answer would go to all members, and be answered by those that do the same.
            throw new IllegalStateException(
                    "takes the messages of a group, one after the other, and has to return nothing (or a"
                            + " Mono<Void> or CompletableFuture<Void>), it returns "
                            + returned.getParameterType().getSimpleName() + ": send to the ConecGroup instead");
        }
        return new ListenerSignature(ListenerKind.GROUP_MESSAGE, signature.payload(), signature.result());
    }

    private static ListenerSignature withPayload(MethodParameter payload, MethodParameter returned, Payloads payloads) {
        Payload annotation = payload.getParameterAnnotation(Payload.class);
        if (annotation != null && !annotation.expression().isEmpty()) {
            throw new IllegalStateException("has an expression in @Payload, which is not supported");
        }
        if (!payloads.validated() && isValidated(payload)) {
            throw new IllegalStateException(
                    "wants its payload validated, but there is no Validator bean: add spring-boot-starter-validation");
        }
        ListenerKind kind = kind(payload.getParameterType());
        ResultKind result = ResultKind.of(returned.getParameterType());
        if (kind == ListenerKind.MESSAGE) {
            checkType(payload.getParameterType(), "takes", payloads);
        } else {
            checkElements(payload, result, returned, payloads);
        }
        checkType(result.answerType(returned), "returns", payloads);
        return new ListenerSignature(kind, payload, result);
    }

    private static ListenerKind kind(Class<?> payload) {
        ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(payload);
        if (adapter != null && adapter.isMultiValue()) {
            return ListenerKind.MESSAGES;
        }
        if (adapter != null
                || Future.class.isAssignableFrom(payload)
                || CompletionStage.class.isAssignableFrom(payload)) {
            throw new IllegalStateException("takes " + payload.getSimpleName()
                    + ", which is no type of payload: take the payload itself, or a Flux of all of a stream");
        }
        if (ResultKind.isPublisher(payload)) {
            throw new IllegalStateException(
                    "takes " + payload.getSimpleName() + ", which takes Reactor: add io.projectreactor:reactor-core");
        }
        return ListenerKind.MESSAGE;
    }

    private static void checkElements(
            MethodParameter payload, ResultKind result, MethodParameter returned, Payloads payloads) {
        Class<?> element = payload.nested().getNestedParameterType();
        if (Message.class.isAssignableFrom(element)) {
            throw new IllegalStateException(
                    "takes a " + payload.getParameterType().getSimpleName()
                            + " of Message: take the payloads, headers are the same for all of a stream");
        }
        checkType(element, "takes", payloads);
        switch (result) {
            case STAGE, MONO, FLUX -> {
                // The end of it says when the method is done with the stream.
            }
            case NOTHING, VALUE ->
                throw new IllegalStateException(
                        "takes a " + payload.getParameterType().getSimpleName() + " and returns "
                                + returned.getParameterType().getSimpleName()
                                + ", which does not tell when it is done: return a Flux, a Mono or a CompletableFuture");
        }
    }

    /** For how many calls at once it is meant if nobody says so: null for no limit. */
    boolean isWholeStream() {
        return kind == ListenerKind.MESSAGES || result == ResultKind.FLUX;
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

    private static boolean isPayload(MethodParameter parameter, Payloads payloads) {
        if (parameter.hasParameterAnnotation(Payload.class)) {
            return true;
        }
        Class<?> type = parameter.getParameterType();
        return type != ConecStream.class
                && type != ConecChannel.class
                && type != ConecGroup.class
                && !MessageHeaders.class.isAssignableFrom(type)
                && !MessageHeaderAccessor.class.isAssignableFrom(type)
                && !parameter.hasParameterAnnotation(Header.class)
                && !parameter.hasParameterAnnotation(Headers.class)
                && !payloads.isOther().test(parameter);
    }

    private static boolean isValidated(MethodParameter parameter) {
        for (Annotation annotation : parameter.getParameterAnnotations()) {
            if (ValidationAnnotationUtils.determineValidationHints(annotation) != null) {
                return true;
            }
        }
        return false;
    }

    private static void checkType(Class<?> type, String verb, Payloads payloads) {
        if (type == void.class
                || type == Void.class
                || PayloadConverter.isBytesOrText(type)
                || Message.class.isAssignableFrom(type)) {
            return;
        }
        if (!payloads.objects()) {
            throw new IllegalStateException(verb + " " + type.getSimpleName()
                    + ", but there is no single JsonMapper bean to make JSON of it, and no MessageConverter bean: add"
                    + " spring-boot-starter-jackson, or use byte[], String or ConecMessage");
        }
    }

    private static ResultKind returnsNothing(MethodParameter returned, String why) {
        if (returned.getParameterType() != void.class) {
            throw new IllegalStateException(why + " and has to return nothing, it returns "
                    + returned.getParameterType().getSimpleName());
        }
        return ResultKind.NOTHING;
    }

    private static String describe(List<Class<?>> types) {
        return types.isEmpty()
                ? "no argument"
                : String.join(", ", types.stream().map(Class::getSimpleName).toList());
    }
}
