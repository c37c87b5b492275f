package io.conec.spring.core;

import io.conec.ConecChannel;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.util.MimeType;

/**
 * One request. However it ends, the other side is told that nobody waits any more. One without an answer that interests anybody lasts until the other side has finished, so it has a stream of its own.
 *
 * @param <T> the answer
 */
final class RequestCall<T> {
    private final ConecRequest request;
    private final ConecMessage message;
    private final ParameterizedTypeReference<T> type;
    private final @Nullable MimeType contentType;
    private final CompletableFuture<@Nullable T> result = new CompletableFuture<>();
    private final CompletableFuture<Void> deadline = new CompletableFuture<>();
    private final AtomicReference<@Nullable ConecStream> stream = new AtomicReference<>();
    private final AtomicReference<@Nullable CompletableFuture<Optional<ConecMessage>>> asked = new AtomicReference<>();

    RequestCall(
            ConecRequest request,
            ConecMessage message,
            ParameterizedTypeReference<T> type,
            @Nullable MimeType contentType) {
        this.request = request;
        this.message = message;
        this.type = type;
        this.contentType = contentType;
    }

    CompletableFuture<@Nullable T> start(
            Supplier<CompletableFuture<ConecChannel>> channel,
            String name,
            Map<String, String> headers,
            Duration timeout) {
        result.whenComplete((answer, failure) -> over());
        deadline.orTimeout(TimeUnit.NANOSECONDS.convert(timeout), TimeUnit.NANOSECONDS)
                .whenComplete((nothing, failure) -> {
                    if (failure instanceof TimeoutException) {
                        // Not on the JDK's timer thread: what follows on the result may block.
                        request.executor().execute(() -> result.completeExceptionally(request.timedOut()));
                    }
                });
        boolean isForNothing = type.getType() == Void.class;
        channel.get()
                .thenCompose(opened -> isForNothing ? passOver(opened, name, headers) : ask(opened, name, headers))
                .whenComplete((answer, failure) -> {
                    if (failure != null) {
                        fail(failure);
                    } else if (answer.isEmpty()) {
                        result.complete(null);
                    } else {
                        answer(answer.get());
                    }
                });
        return result;
    }

    private CompletableFuture<Optional<ConecMessage>> ask(
            ConecChannel channel, String name, Map<String, String> headers) {
        CompletableFuture<Optional<ConecMessage>> answer = channel.request(name, headers, message);
        asked.set(answer);
        if (result.isDone()) {
            over();
        }
        return answer;
    }

    private CompletableFuture<Optional<ConecMessage>> passOver(
            ConecChannel channel, String name, Map<String, String> headers) {
        return channel.openStreamWith(name, headers, message).thenCompose(opened -> {
            stream.set(opened);
            if (result.isDone()) {
                over();
            }
            CompletableFuture<Optional<ConecMessage>> end = new CompletableFuture<>();
            passOver(opened, end);
            return end;
        });
    }

    /** Whoever asks for nothing passes over what comes, without nesting calls. */
    private static void passOver(ConecStream opened, CompletableFuture<Optional<ConecMessage>> end) {
        CompletableFuture<Optional<ConecMessage>> next = opened.receiveAsync();
        while (next.isDone() && !next.isCompletedExceptionally() && next.join().isPresent()) {
            next = opened.receiveAsync();
        }
        next.whenComplete((answer, failure) -> {
            if (failure != null) {
                end.completeExceptionally(failure);
            } else if (answer.isEmpty()) {
                end.complete(answer);
            } else {
                passOver(opened, end);
            }
        });
    }

    private void answer(ConecMessage answer) {
        T payload;
        try {
            payload = read(answer);
        } catch (RuntimeException e) {
            fail(e);
            return;
        }
        result.complete(payload);
    }

    @SuppressWarnings("unchecked") // The converter makes what it is told to.
    private T read(ConecMessage answer) {
        return (T) request.converter().readAnswer(answer, contentType, type);
    }

    private void fail(Throwable failure) {
        result.completeExceptionally(request.explained(failure));
    }

    /** Whatever the result is, nobody waits any more. */
    private void over() {
        deadline.complete(null);
        CompletableFuture<Optional<ConecMessage>> answer = asked.get();
        if (answer != null) {
            answer.cancel(false);
        }
        ConecStream opened = stream.get();
        if (opened == null) {
            return;
        }
        if (result.isCancelled()) {
            opened.reset(ErrorCode.CANCELLED, "the request was cancelled");
        } else if (result.isCompletedExceptionally()) {
            opened.reset(ErrorCode.CANCELLED, "the request has failed, or its deadline has passed");
        } else {
            opened.close();
        }
    }
}
