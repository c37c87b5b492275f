package io.conec.spring.listener;

import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.spring.support.ReceivedMessage;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the messages of one stream to a listener method, one after the other, and sends back what it returns. Reads the next message when the method's
 * result is there and its answer was taken, so a slow method, or a peer that does not read the answers, stops the sender. Holds no thread
 * while it waits for a message, for its turn, for a result or for an answer to be taken.
 *
 * <p>One thread at a time runs it; whoever has its turn hands it on by a stage or the run.gate().
 */
final class MessageLoop implements StreamHandling {
    private static final Logger log = LoggerFactory.getLogger(MessageLoop.class);

    private final ConecStream stream;
    private final StreamHeaders headers;
    private final ListenerRun run;
    private final ListenerAnswers answers;
    private final ListenerErrors errors;
    private final ReadLoop<ConecMessage> reading;
    private @Nullable ReceivedMessage message;
    private volatile @Nullable Future<?> pending;

    /** A message that is being handled. */
    private record Call(ReceivedMessage message, CallContext context) {}

    MessageLoop(ConecStream stream, StreamHeaders headers, ListenerRun run, ListenerAnswers answers) {
        this.stream = stream;
        this.headers = headers;
        this.run = run;
        this.answers = answers;
        this.errors = new ListenerErrors(stream, run);
        this.reading = new ReadLoop<>(stream::receiveAsync, this::received, this::ended);
    }

    @Override
    public ConecStream stream() {
        return stream;
    }

    @Override
    public void start() {
        stream.closed().thenRun(this::cancelPending);
        reading.run();
    }

    /** Reads no further message: the read that waits, or the next one, fails. A method that runs can still send its answer. */
    @Override
    public void stop() {
        stream.stopReceiving(ErrorCode.SHUTTING_DOWN);
    }

    @Override
    public void abort() {
        stream.reset(ErrorCode.SHUTTING_DOWN, "the listener is stopped");
    }

    /** The stream was reset, its channel has ended, or it was told to {@link #stop()}. */
    private void ended(Throwable failure) {
        log.debug("Stream {} of listener {} ended", stream.id(), run.id(), failure);
        stream.close();
    }

    @Override
    public void admitted() {
        if (handle()) {
            reading.run();
        }
    }

    @Override
    public void refused() {
        stop();
        stream.close();
    }

    // From here on each method that returns a boolean tells whether to read on, at once and on this thread.

    private boolean received(Optional<ConecMessage> received) {
        if (received.isEmpty()) {
            stream.finish();
            return false;
        }
        message = new ReceivedMessage(received.get(), headers);
        return run.gate().enter(this) && handle();
    }

    private boolean handle() {
        ReceivedMessage handled = message;
        if (handled == null) {
            throw new IllegalStateException("no message to handle");
        }
        message = null;
        Call call = new Call(handled, run.contexts().of(stream, headers.sender()));
        try {
            return call.context().within(() -> invoke(call));
        } catch (RuntimeException e) {
            // A thread context could not be bound.
            run.gate().leave();
            return over(call, e);
        }
    }

    private boolean invoke(Call call) {
        Object result;
        try {
            result = run.endpoint().method().invoke(call.message());
        } catch (Exception | Error e) {
            run.gate().leave();
            return failed(call, e);
        }
        if (result == null) {
            run.gate().leave();
            return answered(call, null);
        }
        return switch (run.endpoint().signature().result()) {
            case NOTHING, VALUE -> {
                run.gate().leave();
                yield answered(call, result);
            }
            case STAGE -> awaits(call, ((CompletionStage<?>) result).toCompletableFuture(), () -> false);
            case MONO -> awaits(call, Reactive.future(result, call.context()), () -> false);
            case FLUX -> {
                Publishing publishing = answers.publish(result, call.context(), stream, headers);
                yield awaits(call, publishing.done(), publishing.refused());
            }
        };
    }

    /** @param refused whether the result failed only because the stream takes no more */
    private boolean awaits(Call call, CompletableFuture<?> result, BooleanSupplier refused) {
        pending = result;
        if (stream.closed().isDone()) {
            cancelPending();
        }
        // On the executor: whoever completes the result may be a thread that must not block.
        result.whenCompleteAsync(
                (value, failure) -> {
                    pending = null;
                    run.gate().leave();
                    boolean goesOn = call.context()
                            .within(() -> failure == null
                                    ? answered(call, value)
                                    : refused.getAsBoolean() ? notTaken(call, failure) : failed(call, failure));
                    if (goesOn) {
                        reading.run();
                    }
                },
                run.executor());
        return false;
    }

    private void cancelPending() {
        Future<?> current = pending;
        if (current != null) {
            current.cancel(true);
        }
    }

    private boolean failed(Call call, Throwable failure) {
        try {
            Object answer = errors.recover(call.message(), failure);
            return answer == null ? done(call) : send(call, answers.message(answer, headers));
        } catch (Exception | Error e) {
            return over(call, e);
        }
    }

    private boolean answered(Call call, @Nullable Object answer) {
        if (answer == null) {
            return done(call);
        }
        ConecMessage converted;
        try {
            converted = answers.message(answer, headers);
        } catch (RuntimeException e) {
            return failed(call, e);
        }
        return send(call, converted);
    }

    private boolean send(Call call, ConecMessage answer) {
        CompletableFuture<Void> taken = stream.send(answer);
        if (taken.isDone() && !taken.isCompletedExceptionally()) {
            return done(call);
        }
        taken.whenComplete((nothing, failure) -> {
            if (failure == null) {
                done(call);
                reading.run();
            } else if (failure instanceof ConecException own && own.code() == ErrorCode.MESSAGE_TOO_LARGE) {
                over(call, failure);
            } else {
                notTaken(call, failure);
            }
        });
        return false;
    }

    private boolean done(Call call) {
        call.context().end();
        run.gate().finish();
        return true;
    }

    /** The other side has no use for answers, which is its own affair. */
    private boolean notTaken(Call call, Throwable failure) {
        ended(failure);
        call.context().end(ErrorCode.CANCELLED, failure);
        run.gate().finish();
        return false;
    }

    private boolean over(Call call, Throwable failure) {
        errors.fail(call.context(), failure);
        run.gate().finish();
        return false;
    }
}
