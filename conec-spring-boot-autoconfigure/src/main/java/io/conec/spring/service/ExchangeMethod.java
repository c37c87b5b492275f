package io.conec.spring.service;

import io.conec.ConecChannel;
import io.conec.spring.core.ConecRequest;
import io.conec.spring.core.ConecTemplate;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.springframework.core.GenericTypeResolver;
import org.springframework.core.MethodParameter;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.core.ReactiveAdapter;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.SynthesizingMethodParameter;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Headers;
import org.springframework.messaging.handler.annotation.Payload;
import org.springframework.messaging.handler.annotation.ValueConstants;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;
import org.springframework.util.StringUtils;
import org.springframework.util.StringValueResolver;

/** A {@link ConecExchange} method: makes a request of its arguments, and a result of the answer. What it does is decided when the proxy is made. */
final class ExchangeMethod {
    private static final byte[] NO_PAYLOAD = {};

    /** What an argument is for. */
    private enum Role {
        PAYLOAD,
        PAYLOADS,
        HEADER,
        HEADERS,
        CHANNEL
    }

    /** What is done with the answer. */
    private enum Answer {
        VALUE,
        OPTIONAL,
        STAGE,
        MONO,
        FLUX
    }

    private record Argument(
            Role role,
            String name,
            boolean required,
            @Nullable ReactiveAdapter adapter,
            @Nullable String defaultValue) {
        Argument(Role role, String name, boolean required, @Nullable ReactiveAdapter adapter) {
            this(role, name, required, adapter, null);
        }
    }

    private final ConecTemplate template;
    private final String stream;
    private final @Nullable String peer;
    private final @Nullable MimeType contentType;
    private final List<Argument> arguments = new ArrayList<>();
    private final Answer answer;
    private final @Nullable ReactiveAdapter adapter;
    private final ParameterizedTypeReference<?> type;

    ExchangeMethod(
            Class<?> service,
            Method method,
            @Nullable String defaultPeer,
            ConecTemplate template,
            StringValueResolver resolver) {
        this.template = template;
        ConecExchange common = AnnotatedElementUtils.findMergedAnnotation(service, ConecExchange.class);
        ConecExchange own = AnnotatedElementUtils.findMergedAnnotation(method, ConecExchange.class);
        if (own == null) {
            throw new IllegalStateException("is not annotated");
        }
        stream = stream(common == null ? "" : resolve(resolver, common.stream()), resolve(resolver, own.stream()));
        String named = first(resolve(resolver, own.peer()), common == null ? "" : resolve(resolver, common.peer()));
        peer = named.isEmpty() ? defaultPeer : named;
        String types = first(
                resolve(resolver, own.contentType()), common == null ? "" : resolve(resolver, common.contentType()));
        contentType = types.isEmpty() ? null : MimeTypeUtils.parseMimeType(types);
        for (int i = 0; i < method.getParameterCount(); i++) {
            arguments.add(argument(new SynthesizingMethodParameter(method, i).withContainingClass(service), resolver));
        }
        if (arguments.stream()
                        .filter(argument -> argument.role() == Role.PAYLOAD || argument.role() == Role.PAYLOADS)
                        .count()
                > 1) {
            throw new IllegalStateException(
                    "has more than one argument for the payload; annotate headers with @Header");
        }
        MethodParameter returned = new SynthesizingMethodParameter(method, -1).withContainingClass(service);
        Class<?> result = returned.getParameterType();
        adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(result);
        answer = answer(result, adapter);
        type = ParameterizedTypeReference.forType(answerType(returned));
        if (adapter == null && hasPayloads()) {
            throw new IllegalStateException("sends any number of payloads, so it has to return a Flux or Mono");
        }
    }

    private boolean hasPayloads() {
        return arguments.stream().anyMatch(argument -> argument.role() == Role.PAYLOADS);
    }

    private static String resolve(StringValueResolver resolver, String value) {
        String resolved = resolver.resolveStringValue(value);
        return resolved == null ? "" : resolved.strip();
    }

    private static String first(String own, String common) {
        return own.isEmpty() ? common : own;
    }

    private static String stream(String common, String own) {
        String joined = common.isEmpty() || own.isEmpty() ? common + own : common + "." + own;
        if (joined.isEmpty()) {
            throw new IllegalStateException("names no stream");
        }
        return joined;
    }

    private static Argument argument(MethodParameter parameter, StringValueResolver resolver) {
        Header header = parameter.getParameterAnnotation(Header.class);
        if (header != null) {
            String name = StringUtils.hasText(header.name()) ? header.name() : parameter.getParameterName();
            if (name == null) {
                throw new IllegalStateException("has a @Header without a name: compile with -parameters, or name it");
            }
            String defaultValue = ValueConstants.DEFAULT_NONE.equals(header.defaultValue())
                    ? null
                    : resolver.resolveStringValue(header.defaultValue());
            boolean required = header.required() && !parameter.isOptional() && defaultValue == null;
            return new Argument(Role.HEADER, name, required, null, defaultValue);
        }
        if (parameter.hasParameterAnnotation(Headers.class)) {
            if (!Map.class.isAssignableFrom(parameter.getParameterType())) {
                throw new IllegalStateException("has @Headers that are no Map");
            }
            return new Argument(Role.HEADERS, "", false, null);
        }
        if (parameter.getParameterType() == ConecChannel.class) {
            return new Argument(Role.CHANNEL, "", true, null);
        }
        Payload payload = parameter.getParameterAnnotation(Payload.class);
        boolean required = !parameter.isOptional() && (payload == null || payload.required());
        ReactiveAdapter adapter = ReactiveAdapterRegistry.getSharedInstance().getAdapter(parameter.getParameterType());
        return new Argument(adapter == null ? Role.PAYLOAD : Role.PAYLOADS, "", required, adapter);
    }

    private static Answer answer(Class<?> result, @Nullable ReactiveAdapter adapter) {
        if (result == Optional.class) {
            return Answer.OPTIONAL;
        }
        if (CompletionStage.class.isAssignableFrom(result)) {
            if (!result.isAssignableFrom(CompletableFuture.class)) {
                throw new IllegalStateException("returns " + result.getSimpleName() + ": return a CompletableFuture");
            }
            return Answer.STAGE;
        }
        if (adapter == null) {
            return Answer.VALUE;
        }
        return adapter.isMultiValue() ? Answer.FLUX : Answer.MONO;
    }

    private Type answerType(MethodParameter returned) {
        if (adapter != null && adapter.isNoValue()) {
            return Void.class;
        }
        Type answerType = answer == Answer.VALUE
                ? returned.getGenericParameterType()
                : returned.nested().getNestedGenericParameterType();
        return answerType == void.class
                ? Void.class
                : GenericTypeResolver.resolveType(answerType, returned.getContainingClass());
    }

    @Nullable
    Object invoke(@Nullable Object[] values) {
        ConecRequest request = null;
        Object payload = NO_PAYLOAD;
        ReactiveAdapter payloads = null;
        for (int i = 0; i < values.length; i++) {
            if (arguments.get(i).role() == Role.CHANNEL && values[i] instanceof ConecChannel channel) {
                request = template.to(channel, stream);
            }
        }
        if (request == null) {
            request = peer == null ? template.toCoordinator(stream) : template.to(peer, stream);
        }
        if (contentType != null) {
            request.contentType(contentType);
        }
        for (int i = 0; i < values.length; i++) {
            Argument argument = arguments.get(i);
            Object value = values[i] == null ? argument.defaultValue() : values[i];
            if (value instanceof Optional<?> optional && argument.role() == Role.HEADER) {
                value = optional.isPresent() ? optional.get() : argument.defaultValue();
            }
            if (value == null) {
                if (argument.required()) {
                    throw new IllegalArgumentException(
                            "argument " + i + " of the request to stream \"" + stream + "\" is null");
                }
                continue;
            }
            switch (argument.role()) {
                case PAYLOAD, PAYLOADS -> {
                    payload = value;
                    payloads = argument.adapter();
                }
                case HEADER -> request.header(argument.name(), value.toString());
                case HEADERS -> headers(request, (Map<?, ?>) value);
                case CHANNEL -> {
                    // Above.
                }
            }
        }
        return result(request, payload, payloads);
    }

    private static void headers(ConecRequest request, Map<?, ?> headers) {
        headers.forEach((name, value) -> {
            if (value != null) {
                request.header(String.valueOf(name), value.toString());
            }
        });
    }

    private @Nullable Object result(ConecRequest request, Object payload, @Nullable ReactiveAdapter payloads) {
        return switch (answer) {
            case VALUE -> request.request(payload, type);
            case OPTIONAL -> Optional.ofNullable(request.request(payload, type));
            case STAGE ->
                payloads == null
                        ? request.requestAsync(payload, type)
                        : ReactiveExchanges.stage(template, request, payloads.toPublisher(payload), type);
            case MONO, FLUX ->
                ReactiveExchanges.publisher(
                        template,
                        request,
                        payloads == null ? payload : payloads.toPublisher(payload),
                        type,
                        Objects.requireNonNull(adapter));
        };
    }
}
