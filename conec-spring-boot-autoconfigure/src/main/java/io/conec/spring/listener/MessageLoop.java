package io.conec.spring.listener;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.spring.support.ReceivedMessage;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the messages of one stream to a listener method, one after the other, and sends back what it returns. Reads the next message when the method's
 * result is there and its answer was taken, so a slow method, or a peer that does not read the answers, stops the sender. Holds no thread
 * while it waits for a message, for its turn, for a result or for an answer to be taken.
 *
 * <p>One thread at a time runs it; whoever has its turn hands it on by a stage or the {@link Gate}.
 */
final class MessageLoop implements StreamHandling {
    private static final String STOPPED = "the listener is stopped";

    /** More than the receive buffer holds by default: whoever has sent so much is still sending. */
    private static final int MOST_CUT_OFF = 32_768;

    private static final Logger log = LoggerFactory.getLogger(MessageLoop.class);

    private final ConecStream stream;
    private final StreamHeaders headers;
    private final ListenerRun run;
    private final ListenerAnswers answers;
    private final ListenerErrors errors;
    private final ReadLoop<ConecMessage> reading;
    private @Nullable ReceivedMessage message;
    /** Whether any message came. */
    private boolean used;
    /** How many came that are not handled, as the listener is being stopped. */
    private int cutOff;

    private volatile @Nullable Future<?> pending;
    private volatile boolean stopping;

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

    /** Handles no further message. A method that runs can still send its answer. */
    @Override
    public void stop() {
        stopping = true;
        reading.stop();
    }

    @Override
    public void abort() {
        stream.reset(ErrorCode.SHUTTING_DOWN, STOPPED);
    }

    /** The stream was reset, its channel has ended, somebody else reads it, or it was told to {@link #stop()}. */
    private void ended(Throwable failure) {
        if (failure instanceof IllegalStateException && !(failure instanceof CancellationException)) {
            log.error("Listener {} cannot read its stream \"{}\"", run.id(), ClientId.escape(stream.name()), failure);
            stream.reset(ErrorCode.HANDLER_FAILED, "the listener failed");
            return;
        }
        log.debug("Stream {} of listener {} ended", stream.id(), run.id(), failure);
        if (stopping && !used) {
            // A clean end would tell a request on its way that the listener has nothing to answer.
            abort();
            return;
        }
        if (stopping) {
            stopReceiving();
        } else {
            stream.close();
        }
    }

    /** The other side can read all answers, but is told if it sends more. */
    private void stopReceiving() {
        stream.stopReceiving(ErrorCode.SHUTTING_DOWN);
        stream.close();
    }

    @Override
    public void admitted() {
        if (handle()) {
            reading.run();
        }
    }

    /** A clean end would tell the other side that its message was handled. */
    @Override
    public void refused() {
        abort();
    }

    // From here on each method that returns a boolean tells whether to read on, at once and on this thread.

    private boolean received(Optional<ConecMessage> received) {
        if (received.isEmpty()) {
            if (cutOff > 0) {
                abort();
            } else {
                stream.finish();
            }
            return false;
        }
        used = true;
        if (stopping) {
            // To see whether the other side has finished: then only a reset tells it.
            if (++cutOff < MOST_CUT_OFF) {
                return true;
            }
            stopReceiving();
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
        ListenerCall call = new ListenerCall(handled, run.contexts().of(stream, headers.sender()), run.gate());
        return within(call, () -> invoke(call));
    }

    /** What goes wrong around the method, such as a thread context that cannot be bound, ends the call like a failure of the method. */
    private boolean within(ListenerCall call, Supplier<Boolean> step) {
        try {
            return call.context().within(step);
        } catch (RuntimeException | Error e) {
            return over(call, e);
        }
    }

    private boolean invoke(ListenerCall call) {
        Object result;
        try {
            result = run.endpoint().method().invoke(call.message());
        } catch (Exception | Error e) {
            call.leave();
            return failed(call, e);
        }
        if (result == null) {
            call.leave();
            return answered(call, null);
        }
        return switch (run.endpoint().signature().result()) {
            case NOTHING, VALUE -> {
                call.leave();
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
    private boolean awaits(ListenerCall call, CompletableFuture<?> result, BooleanSupplier refused) {
        pending = result;
        if (stream.closed().isDone()) {
            cancelPending();
        }
        // On the executor: whoever completes the result may be a thread that must not block.
        result.whenCompleteAsync(
                (value, failure) -> {
                    pending = null;
                    call.leave();
                    boolean goesOn = within(
                            call,
                            () -> failure == null
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

    private boolean failed(ListenerCall call, Throwable failure) {
        try {
            Object answer = errors.recover(call.message(), failure);
            return answer == null ? done(call) : send(call, answers.message(answer, headers));
        } catch (Exception | Error e) {
            return over(call, e);
        }
    }

    private boolean answered(ListenerCall call, @Nullable Object answer) {
        if (answer == null) {
            return done(call);
        }
        ConecMessage converted;
        try {
            converted = answers.message(answer, headers);
        } catch (RuntimeException | Error e) {
            return failed(call, e);
        }
        return send(call, converted);
    }

    private boolean send(ListenerCall call, ConecMessage answer) {
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

    private boolean done(ListenerCall call) {
        call.context().end();
        call.finish();
        return true;
    }

    /** The other side has no use for answers, which is its own affair. */
    private boolean notTaken(ListenerCall call, Throwable failure) {
        log.debug("Stream {} of listener {} takes no answers", stream.id(), run.id(), failure);
        stream.close();
        call.context().end(ErrorCode.CANCELLED, failure);
        call.finish();
        return false;
    }

    private boolean over(ListenerCall call, Throwable failure) {
        errors.fail(call.context(), failure);
        call.finish();
        return false;
    }
}
