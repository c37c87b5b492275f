package io.conec.spring.core;

import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.spring.support.PayloadConverter;
import io.conec.spring.support.StreamSubscriber;
import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.messaging.converter.MessageConversionException;
import org.springframework.util.MimeType;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * {@link ConecTemplate} with Reactor. Nothing happens before a {@code Mono} or {@code Flux} is subscribed to, and each subscription opens a stream of its own.
 *
 * <p>Demand reaches the wire: what a subscriber has not asked for is not read, and publishers are asked for more as QUIC takes what they emitted. Cancelling a subscription resets the stream, which cancels what
 * the other side's listener has under way for it. Errors are those of {@link ConecTemplate#requestAsync}.
 */
public final class ReactiveConecTemplate {
    private final ConecTemplate template;

    /** Does what that template does. */
    public ReactiveConecTemplate(ConecTemplate template) {
        this.template = template;
    }

    /** Asks a peer; empty if the listener gave no answer. The deadline is {@code conec.client.request-timeout}. */
    public <T> Mono<T> request(String peer, String stream, Object payload, Class<T> type) {
        return request(template.to(peer, stream), payload, ParameterizedTypeReference.<T>forType(type));
    }

    /** Asks as the request says: with its headers, deadline and content type. */
    public <T> Mono<T> request(ConecRequest request, Object payload, ParameterizedTypeReference<T> type) {
        return Mono.deferContextual(
                context -> Mono.fromFuture(() -> request.requestAsync(payload, type, observation(context))));
    }

    /** Sends one payload: see {@link ConecTemplate#send}. */
    public Mono<Void> send(String peer, String stream, Object payload) {
        return send(template.to(peer, stream), payload);
    }

    /** Sends one payload as the request says. */
    public Mono<Void> send(ConecRequest request, Object payload) {
        return Mono.deferContextual(context -> Mono.fromFuture(() -> request.sendAsync(payload, observation(context))));
    }

    /** Sends a payload to a group: see {@link ConecTemplate#sendToGroup}. */
    public Mono<Void> sendToGroup(String group, Object payload) {
        return Mono.fromFuture(() -> template.sendToGroupAsync(group, payload));
    }

    /** Asks a peer for any number of answers. There is no deadline for them: see {@link Flux#timeout}. */
    public <T> Flux<T> requestMany(String peer, String stream, Object payload, Class<T> type) {
        return requestMany(template.to(peer, stream), payload, ParameterizedTypeReference.<T>forType(type));
    }

    /** Asks for any number of answers as the request says. */
    public <T> Flux<T> requestMany(ConecRequest request, Object payload, ParameterizedTypeReference<T> type) {
        return Flux.defer(() -> {
            PayloadConverter.Written written = request.converter().write(payload, request.contentType());
            return streaming(request, written.contentType(), type, Mono.just(written.message()));
        });
    }

    /** Sends any number of payloads to a peer, and gives what comes back, at the same time. */
    public <T> Flux<T> exchange(String peer, String stream, Publisher<?> payloads, Class<T> type) {
        return exchange(template.to(peer, stream), payloads, ParameterizedTypeReference.<T>forType(type));
    }

    /** Sends any number of payloads as the request says, and gives what comes back, at the same time. */
    public <T> Flux<T> exchange(ConecRequest request, Publisher<?> payloads, ParameterizedTypeReference<T> type) {
        return streaming(request, request.contentType(), type, payloads);
    }

    /** Sends any number of payloads to a peer; completes when its listener is done with them. */
    public Mono<Void> send(String peer, String stream, Publisher<?> payloads) {
        return send(template.to(peer, stream), payloads);
    }

    /** Sends any number of payloads as the request says; completes when the listener is done with them. */
    public Mono<Void> send(ConecRequest request, Publisher<?> payloads) {
        return exchange(request, payloads, ParameterizedTypeReference.forType(byte[].class))
                .then();
    }

    /** What to send to this peer: see {@link ConecTemplate#to(String, String)}. */
    public ConecRequest to(String peer, String stream) {
        return template.to(peer, stream);
    }

    /** What to send over this channel: see {@link ConecTemplate#to(ConecChannel, String)}. */
    public ConecRequest to(ConecChannel channel, String stream) {
        return template.to(channel, stream);
    }

    /** What to send to this client's coordinator: see {@link ConecTemplate#toCoordinator(String)}. */
    public ConecRequest toCoordinator(String stream) {
        return template.toCoordinator(stream);
    }

    private static <T> Flux<T> streaming(
            ConecRequest request,
            @Nullable MimeType contentType,
            ParameterizedTypeReference<T> type,
            Publisher<?> payloads) {
        return Flux.deferContextual(context -> {
            Map<String, String> headers = request.headers(contentType);
            RequestObservation observation = request.observe(headers, observation(context));
            return Flux.usingWhen(
                            Mono.fromFuture(() -> request.open(contentType, headers)),
                            opened -> exchanging(request, opened, type, payloads),
                            opened -> Mono.fromRunnable(opened::close),
                            (opened, failure) -> Mono.fromRunnable(() -> cancel(opened)),
                            opened -> Mono.fromRunnable(() -> cancel(opened)))
                    .onErrorMap(ReactiveConecTemplate::isConecs, request::explained)
                    .doOnComplete(() -> observation.end(null))
                    .doOnError(observation::end)
                    .doOnCancel(() -> observation.end(new CancellationException()));
        });
    }

    private static @Nullable Observation observation(ContextView context) {
        return context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
    }

    /** The answers, read as they are asked for; while they come the payloads are sent, whose failure fails the answers. Completes with both. */
    private static <T> Flux<T> exchanging(
            ConecRequest request, TypedStream opened, ParameterizedTypeReference<T> type, Publisher<?> payloads) {
        StreamSubscriber<Object> subscriber =
                new StreamSubscriber<>(opened.stream(), request.bufferBytes(), opened::write);
        Flux.from(payloads).contextCapture().subscribe(subscriber);
        Mono<Void> sent = Mono.fromFuture(subscriber.done(), true)
                // That the other side wants no more, or has reset the stream, is for the answers to say.
                .onErrorComplete(failure -> subscriber.refused());
        subscriber.done().thenRun(opened::finish);
        return JdkFlowAdapter.flowPublisherToFlux(opened.stream().messages())
                .map(message -> opened.read(message, type))
                .takeUntilOther(sent.then(Mono.never()))
                .concatWith(sent.then(Mono.empty()));
    }

    private static boolean isConecs(Throwable failure) {
        return failure instanceof ConecException
                || failure instanceof CompletionException
                || failure instanceof MessageConversionException;
    }

    private static void cancel(TypedStream opened) {
        opened.stream().reset(ErrorCode.CANCELLED, "nobody waits for answers any more");
    }
}
