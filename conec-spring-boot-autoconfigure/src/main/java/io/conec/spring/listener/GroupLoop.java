package io.conec.spring.listener;

import io.conec.ClientId;
import io.conec.ConecGroup;
import io.conec.ErrorCode;
import io.conec.GroupMessage;
import io.conec.spring.support.ReceivedMessage;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the messages of one membership in a group to a listener method, one after the other. What fails is told to the listener's error handler, or logged in one line, and the next
 * message follows: there is nobody to answer to. A slow method is a slow receiver of the group.
 *
 * <p>One thread at a time runs it, as in {@link MessageLoop}.
 */
final class GroupLoop implements Gate.Entrant {
    private static final Logger log = LoggerFactory.getLogger(GroupLoop.class);

    private final ConecGroup group;
    private final ListenerRun run;
    private final ReadLoop<GroupMessage> reading;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private @Nullable ReceivedMessage message;
    private volatile @Nullable Future<?> pending;
    private volatile boolean aborted;

    GroupLoop(ConecGroup group, ListenerRun run) {
        this.group = group;
        this.run = run;
        this.reading = new ReadLoop<>(group::receiveAsync, this::received, this::ended);
    }

    void start() {
        reading.run();
    }

    /** Leaves the group. A call under way may finish. */
    void stop() {
        group.close();
    }

    /** The time for a call under way is over: its result is not waited for any more. */
    void abort() {
        aborted = true;
        Future<?> current = pending;
        if (current != null) {
            current.cancel(true);
        }
    }

    /** Completes when the membership has ended and all that had arrived has been handled. */
    CompletableFuture<Void> over() {
        return over;
    }

    /** {@link GroupListening} learns from the membership itself why. */
    private void ended(Throwable failure) {
        log.debug("The membership of listener {} in group {} ended", run.id(), ClientId.escape(group.name()), failure);
        over.complete(null);
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
        over.complete(null);
    }

    // From here on each method that returns a boolean tells whether to read on, at once and on this thread.

    private boolean received(Optional<GroupMessage> received) {
        if (received.isEmpty()) {
            over.complete(null);
            return false;
        }
        GroupMessage next = received.get();
        if (!run.endpoint().peer().matches(next.sender())) {
            return true;
        }
        message = new ReceivedMessage(next.message(), StreamHeaders.of(next, group));
        return run.gate().enter(this) && handle();
    }

    private boolean handle() {
        ReceivedMessage handled = message;
        if (handled == null || !(handled.getHeaders() instanceof StreamHeaders headers)) {
            throw new IllegalStateException("no message to handle");
        }
        message = null;
        ListenerCall call =
                new ListenerCall(handled, run.contexts().of(headers.sender(), group.name(), Map.of()), run.gate());
        return within(call, () -> invoke(call));
    }

    /** As in {@link MessageLoop}. */
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
            return failed(call, e);
        }
        if (result == null) {
            return done(call);
        }
        return switch (run.endpoint().signature().result()) {
            case STAGE -> awaits(call, ((CompletionStage<?>) result).toCompletableFuture());
            case MONO -> awaits(call, Reactive.future(result, call.context()));
            case NOTHING, VALUE, FLUX -> done(call);
        };
    }

    private boolean awaits(ListenerCall call, CompletableFuture<?> result) {
        pending = result;
        if (aborted) {
            abort();
        }
        result.whenCompleteAsync(
                (value, failure) -> {
                    pending = null;
                    if (within(call, () -> failure == null ? done(call) : failed(call, failure))) {
                        reading.run();
                    }
                },
                run.executor());
        return false;
    }

    private boolean failed(ListenerCall call, Throwable failure) {
        if (aborted && Failures.unwrapped(failure) instanceof CancellationException) {
            log.debug("A call of listener {} for group {} was given up", run.id(), ClientId.escape(group.name()));
            call.context().end(ErrorCode.CANCELLED, failure);
            call.finish();
            return true;
        }
        ConecListenerErrorHandler handler = run.endpoint().errorHandler();
        if (handler == null) {
            return over(call, failure);
        }
        try {
            handler.handleError(call.message(), Failures.told(failure));
            return done(call);
        } catch (Exception | Error e) {
            return over(call, e);
        }
    }

    private boolean done(ListenerCall call) {
        call.context().end();
        call.finish();
        return true;
    }

    private boolean over(ListenerCall call, Throwable failure) {
        call.context().end(logged(call, Failures.unwrapped(failure)), Failures.told(failure));
        call.finish();
        return true;
    }

    /** Without a stack trace where it is the sender's fault: a member must not fill the log. */
    private ErrorCode logged(ListenerCall call, Throwable cause) {
        if (Failures.isConversion(cause)) {
            log.warn(
                    "A message of group \"{}\" from {} cannot be converted for listener {}: {}",
                    ClientId.escape(group.name()),
                    sender(call),
                    run.id(),
                    ClientId.escape(String.valueOf(Failures.told(cause).getMessage())));
            return ErrorCode.CONVERSION_FAILED;
        }
        Optional<ErrorCode> code = run.code(cause);
        if (code.isPresent()) {
            log.warn(
                    "Listener {} gives up a message of group \"{}\" from {}, {}: {}",
                    run.id(),
                    ClientId.escape(group.name()),
                    sender(call),
                    code.get(),
                    cause.getMessage());
            return code.get();
        }
        log.error(
                "Listener {} failed on a message of group \"{}\" from {}",
                run.id(),
                ClientId.escape(group.name()),
                sender(call),
                cause);
        return ErrorCode.HANDLER_FAILED;
    }

    private static String sender(ListenerCall call) {
        return call.message().getHeaders() instanceof StreamHeaders headers
                ? ClientId.escape(headers.sender().name())
                : "";
    }
}
