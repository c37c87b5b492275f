package io.conec.spring.core;

import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.spring.support.PayloadConverter;
import io.conec.spring.support.SendBuffer;
import io.micrometer.observation.Observation;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.messaging.converter.MessageConversionException;
import org.springframework.util.MimeType;

/**
 * What to send to a stream of a peer, and how. Made by {@link ConecTemplate#to}; each of the methods that send may be called any number of times, and what it sends is a stream of its own to the listener each time.
 *
 * <pre>{@code
 * Price price = template.to("bob", "price").header("currency", "EUR").timeout(Duration.ofSeconds(2)).request(query, Price.class);
 * }</pre>
 *
 * <p>For one thread at a time until the first of those methods is called.
 */
public final class ConecRequest {
    private final ConecTemplate template;
    private final String peer;
    private final String stream;
    private final Supplier<CompletableFuture<ConecChannel>> channel;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private @Nullable MimeType contentType;
    private Duration timeout;

    ConecRequest(
            ConecTemplate template, String peer, String stream, Supplier<CompletableFuture<ConecChannel>> channel) {
        this.template = template;
        this.peer = peer;
        this.stream = stream;
        this.channel = channel;
        this.timeout = template.requestTimeout();
    }

    /** Opens streams with this header. Names and values together are limited by {@link io.conec.TransportConfig#maxHeaderBytes()}. */
    public ConecRequest header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** Opens streams with these headers too. */
    public ConecRequest headers(Map<String, String> more) {
        headers.putAll(more);
        return this;
    }

    /** Sends payloads as this content type, which the other side is told; by default whatever the first converter that takes the payload makes of it. */
    public ConecRequest contentType(MimeType type) {
        contentType = type;
        return this;
    }

    /**
     * How long a request may take; {@code conec.client.request-timeout}, or {@code conec.coordinator.request-timeout}, by default. Not for streams that stay open.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public ConecRequest timeout(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("a request's timeout has to be positive, it is " + limit);
        }
        timeout = limit;
        return this;
    }

    /** See {@link ConecTemplate#request(String, String, Object, Class)}. */
    public <T> @Nullable T request(Object payload, Class<T> type) {
        return request(payload, ParameterizedTypeReference.<T>forType(type));
    }

    /** See {@link ConecTemplate#request(String, String, Object, ParameterizedTypeReference)}. */
    public <T> @Nullable T request(Object payload, ParameterizedTypeReference<T> type) {
        return await(requestAsync(payload, type));
    }

    /** See {@link ConecTemplate#requestAsync(String, String, Object, Class)}. */
    public <T> CompletableFuture<@Nullable T> requestAsync(Object payload, Class<T> type) {
        return requestAsync(payload, ParameterizedTypeReference.<T>forType(type));
    }

    /** See {@link ConecTemplate#requestAsync(String, String, Object, ParameterizedTypeReference)}. */
    public <T> CompletableFuture<@Nullable T> requestAsync(Object payload, ParameterizedTypeReference<T> type) {
        return requestAsync(payload, type, null);
    }

    /** @param parent the observation that it is part of; null for that of the current thread */
    <T> CompletableFuture<@Nullable T> requestAsync(
            Object payload, ParameterizedTypeReference<T> type, @Nullable Observation parent) {
        PayloadConverter.Written written = template.converter().write(payload, contentType);
        RequestCall<T> call = new RequestCall<>(this, written.message(), type, written.contentType());
        Map<String, String> all = headers(written.contentType());
        RequestObservation observation = observe(all, parent);
        CompletableFuture<@Nullable T> answer = call.start(channel, stream, all, timeout);
        answer.whenComplete((nothing, failure) -> observation.end(failure));
        return answer;
    }

    /** See {@link ConecTemplate#send}. */
    public void send(Object payload) {
        await(sendAsync(payload));
    }

    /** See {@link ConecTemplate#sendAsync}. */
    public CompletableFuture<Void> sendAsync(Object payload) {
        return sendAsync(payload, null);
    }

    /** @param parent the observation that it is part of; null for that of the current thread */
    CompletableFuture<Void> sendAsync(Object payload, @Nullable Observation parent) {
        PayloadConverter.Written written = template.converter().write(payload, contentType);
        Map<String, String> all = headers(written.contentType());
        RequestObservation observation = observe(all, parent);
        return open(written.contentType(), all)
                .thenCompose(opened -> opened.sendOnly(written.message()))
                .whenComplete((nothing, failure) -> observation.end(failure == null ? null : explained(failure)));
    }

    /** What its payloads are; null if the converters say so. */
    @Nullable
    MimeType contentType() {
        return contentType;
    }

    /**
     * Opens a stream that stays open, for any number of payloads each way. Completes exceptionally as {@link ConecChannel#openStream(String, Map)} does. The listener's calls are part of what is observed as this request, which ends
     * when the stream is open.
     */
    public CompletableFuture<TypedStream> open() {
        Map<String, String> all = headers(contentType);
        RequestObservation observation = observe(all, null);
        CompletableFuture<TypedStream> opened = open(contentType, all);
        opened.whenComplete((nothing, failure) -> observation.end(failure));
        return opened;
    }

    /** Opens a stream for payloads of this content type, with these headers. */
    CompletableFuture<TypedStream> open(@Nullable MimeType type, Map<String, String> all) {
        CompletableFuture<TypedStream> typed = new CompletableFuture<>();
        channel.get().thenCompose(opened -> opened.openStream(stream, all)).whenComplete((opened, failure) -> {
            if (failure != null) {
                typed.completeExceptionally(explained(failure));
            } else if (!typed.complete(new TypedStream(opened, template.converter(), type))) {
                opened.reset(ErrorCode.CANCELLED, "nobody waits for the stream any more");
            }
        });
        return typed;
    }

    /** Begins to observe a request with these headers, which are added to. */
    RequestObservation observe(Map<String, String> all, @Nullable Observation parent) {
        return RequestObservation.start(
                template.observationRegistry(), template.observationConvention(), peer, stream, all, parent);
    }

    /** The headers of a stream for payloads of this content type. */
    Map<String, String> headers(@Nullable MimeType type) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        if (type != null) {
            all.put(PayloadConverter.CONTENT_TYPE, type.toString());
        }
        return all;
    }

    PayloadConverter converter() {
        return template.converter();
    }

    /** The send buffer of the stream. */
    int bufferBytes() {
        return SendBuffer.bytes(template.party());
    }

    Executor executor() {
        return template.executor();
    }

    /** The failure with the peer and the stream that it is about. */
    ConecException explained(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        ErrorCode code = cause instanceof ConecException known
                ? known.code()
                : cause instanceof MessageConversionException ? ErrorCode.CONVERSION_FAILED : ErrorCode.INTERNAL_ERROR;
        return new ConecException(code, "stream \"" + stream + "\" to \"" + peer + "\": " + cause.getMessage(), cause);
    }

    ConecException timedOut() {
        return new ConecException(
                ErrorCode.TIMEOUT,
                "stream \"" + stream + "\" to \"" + peer + "\": no answer within " + timeout.toMillis() + " ms");
    }

    static <T extends @Nullable Object> T await(CompletableFuture<T> stage) {
        try {
            return stage.get();
        } catch (InterruptedException e) {
            stage.cancel(true);
            Thread.currentThread().interrupt();
            throw new ConecException(ErrorCode.CANCELLED, "interrupted while waiting", e);
        } catch (ExecutionException e) {
            // With this thread's stack, which says who asked.
            Throwable cause = e.getCause() instanceof CompletionException wrapped ? wrapped.getCause() : e.getCause();
            throw cause instanceof ConecException failure
                    ? new ConecException(failure.code(), failure.getMessage(), failure)
                    : new IllegalStateException(cause);
        }
    }
}
