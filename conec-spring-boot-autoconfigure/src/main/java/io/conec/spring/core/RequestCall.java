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
 * One request: a stream with one message each way. However it ends, its stream ends with it.
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
        channel.get()
                .thenCompose(opened -> opened.openStreamWith(name, headers, message))
                .thenAccept(this::exchange)
                .whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        fail(failure);
                    }
                });
        return result;
    }

    private void exchange(ConecStream opened) {
        stream.set(opened);
        if (result.isDone()) {
            over();
            return;
        }
        receive(opened);
    }

    private void receive(ConecStream opened) {
        CompletableFuture<Optional<ConecMessage>> next = opened.receiveAsync();
        // Whoever asks for nothing passes over what comes, without nesting calls.
        while (isForNothing()
                && next.isDone()
                && !next.isCompletedExceptionally()
                && next.join().isPresent()) {
            next = opened.receiveAsync();
        }
        next.whenComplete((answer, failure) -> {
            if (failure != null) {
                fail(failure);
            } else if (answer.isEmpty()) {
                result.complete(null);
            } else if (isForNothing()) {
                receive(opened);
            } else {
                answer(answer.get());
            }
        });
    }

    private boolean isForNothing() {
        return type.getType() == Void.class;
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
        ConecStream opened = stream.get();
        if (opened == null) {
            return;
        }
        if (result.isCancelled()) {
            opened.reset(ErrorCode.CANCELLED, "the request was cancelled");
        } else if (result.isCompletedExceptionally()) {
            opened.reset(ErrorCode.CANCELLED, "the request has failed, or its deadline has passed");
        } else {
            closeAfterItsEnd(opened);
        }
    }

    /** The end follows the answer as a rule: to stop reading before it would cost a message of its own. A second answer nobody asked for. */
    private static void closeAfterItsEnd(ConecStream opened) {
        opened.receiveAsync().whenComplete((answer, failure) -> opened.close());
    }
}
