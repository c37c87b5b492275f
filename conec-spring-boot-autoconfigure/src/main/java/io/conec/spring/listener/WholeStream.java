package io.conec.spring.listener;

import io.conec.ConecException;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;

/**
 * A stream whose messages a listener method takes as one publisher: calls the method once, sends what its result emits, and finishes when that completes. What the method asks the publisher for is
 * what is read; its result is asked for more as the stream takes it.
 */
final class WholeStream implements StreamHandling {
    private final ConecStream stream;
    private final StreamHeaders headers;
    private final ListenerRun run;
    private final ListenerAnswers answers;
    private final ListenerErrors errors;
    private volatile @Nullable Future<?> pending;

    WholeStream(ConecStream stream, StreamHeaders headers, ListenerRun run, ListenerAnswers answers) {
        this.stream = stream;
        this.headers = headers;
        this.run = run;
        this.answers = answers;
        this.errors = new ListenerErrors(stream, run);
    }

    @Override
    public ConecStream stream() {
        return stream;
    }

    @Override
    public void start() {
        stream.closed().thenRun(this::cancelPending);
        if (run.gate().enter(this)) {
            admitted();
        }
    }

    @Override
    public void refused() {
        stream.reset(ErrorCode.SHUTTING_DOWN, "the listener is stopped");
    }

    @Override
    public void stop() {
        // It may finish: only its own end says that nothing was cut off.
    }

    @Override
    public void abort() {
        stream.reset(ErrorCode.SHUTTING_DOWN, "the listener is stopped");
    }

    @Override
    public void admitted() {
        CallContext call = run.contexts().of(stream, headers.sender());
        try {
            call.within(() -> {
                begin(call, new GenericMessage<>(stream, headers));
                return null;
            });
        } catch (RuntimeException | Error e) {
            // A thread context could not be bound.
            errors.fail(call, e);
            over();
        }
    }

    private void begin(CallContext call, Message<?> handled) {
        CompletableFuture<?> result;
        try {
            result = result(call, run.endpoint().method().invoke(handled));
        } catch (Exception | Error e) {
            failed(call, handled, e);
            return;
        }
        pending = result;
        if (stream.closed().isDone()) {
            cancelPending();
        }
        result.whenCompleteAsync(
                (value, failure) -> {
                    try {
                        call.within(() -> {
                            if (failure == null) {
                                completed(call, handled, value);
                            } else {
                                failed(call, handled, failure);
                            }
                            return null;
                        });
                    } catch (RuntimeException | Error e) {
                        // As above.
                        errors.fail(call, e);
                        over();
                    }
                },
                run.executor());
    }

    private CompletableFuture<?> result(CallContext call, @Nullable Object result) {
        if (result == null) {
            throw new IllegalStateException("the method returned null");
        }
        return switch (run.endpoint().signature().result()) {
            case STAGE -> ((CompletionStage<?>) result).toCompletableFuture();
            case MONO -> Reactive.future(result, call);
            case FLUX -> {
                Publishing publishing = answers.publish(result, call, stream, headers);
                // That nobody wants the answers any more ends it like their own end does.
                yield publishing.done().exceptionally(failure -> {
                    if (publishing.refused().getAsBoolean()) {
                        return null;
                    }
                    throw failure instanceof CompletionException completion
                            ? completion
                            : new CompletionException(failure);
                });
            }
            case NOTHING, VALUE -> throw new IllegalStateException("excluded by the signature");
        };
    }

    private void cancelPending() {
        Future<?> current = pending;
        if (current != null) {
            current.cancel(true);
        }
    }

    private void completed(CallContext call, Message<?> handled, @Nullable Object answer) {
        try {
            finish(call, answer);
        } catch (RuntimeException e) {
            failed(call, handled, e);
        }
    }

    private void failed(CallContext call, Message<?> handled, Throwable failure) {
        try {
            finish(call, errors.recover(handled, failure));
        } catch (Exception | Error e) {
            errors.fail(call, e);
            over();
        }
    }

    /** Sends what is still to be sent, and the end. Throws before anything of that. */
    private void finish(CallContext call, @Nullable Object answer) {
        if (answer == null) {
            finish(call);
            return;
        }
        stream.send(answers.message(answer, headers)).whenComplete((nothing, failure) -> {
            if (failure instanceof ConecException own && own.code() == ErrorCode.MESSAGE_TOO_LARGE) {
                errors.fail(call, failure);
                over();
            } else {
                finish(call);
            }
        });
    }

    private void finish(CallContext call) {
        stream.finish().whenComplete((nothing, failure) -> {
            if (failure == null) {
                call.end();
            } else {
                call.end(ErrorCode.CANCELLED, failure);
            }
            over();
        });
        stream.close();
    }

    private void over() {
        run.gate().leave();
        run.gate().finish();
    }
}
