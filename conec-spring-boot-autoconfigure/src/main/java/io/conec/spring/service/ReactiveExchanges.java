package io.conec.spring.service;

import io.conec.spring.core.ConecRequest;
import io.conec.spring.core.ConecTemplate;
import io.conec.spring.core.ReactiveConecTemplate;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.core.ReactiveAdapter;
import reactor.core.publisher.Flux;

/** What needs Reactor. Not loaded without it: then there are no reactive types that {@link ExchangeMethod} knows. */
final class ReactiveExchanges {
    private ReactiveExchanges() {}

    /** The answer to any number of payloads. */
    static CompletableFuture<? extends @Nullable Object> stage(
            ConecTemplate template, ConecRequest request, Publisher<?> payloads, ParameterizedTypeReference<?> type) {
        return many(template, request, payloads, type).next().toFuture();
    }

    /** The answers in the reactive type that the method returns. */
    static Object publisher(
            ConecTemplate template,
            ConecRequest request,
            Object payload,
            ParameterizedTypeReference<?> type,
            ReactiveAdapter adapter) {
        Publisher<?> answers = payload instanceof Publisher<?> || adapter.isMultiValue()
                ? many(template, request, payload, type)
                : new ReactiveConecTemplate(template).request(request, payload, type);
        return adapter.fromPublisher(answers);
    }

    private static Flux<?> many(
            ConecTemplate template, ConecRequest request, Object payload, ParameterizedTypeReference<?> type) {
        ReactiveConecTemplate reactive = new ReactiveConecTemplate(template);
        if (type.getType() == Void.class) {
            return reactive.exchange(
                            request,
                            payload instanceof Publisher<?> payloads ? payloads : Flux.just(payload),
                            ParameterizedTypeReference.forType(byte[].class))
                    .ignoreElements()
                    .flux();
        }
        return payload instanceof Publisher<?> payloads
                ? reactive.exchange(request, payloads, type)
                : reactive.requestMany(request, payload, type);
    }
}
