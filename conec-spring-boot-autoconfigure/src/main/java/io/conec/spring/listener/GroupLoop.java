package io.conec.spring.listener;

import io.conec.ClientId;
import io.conec.ConecGroup;
import io.conec.ErrorCode;
import io.conec.GroupMessage;
import io.conec.spring.support.ReceivedMessage;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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
    private @Nullable ReceivedMessage message;

    private record Call(ReceivedMessage message, CallContext context) {}

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

    /** {@link GroupListening} learns from the membership itself that it has ended. */
    private void ended(Throwable failure) {
        log.debug("The membership of listener {} in group {} ended", run.id(), ClientId.escape(group.name()), failure);
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
    }

    // From here on each method that returns a boolean tells whether to read on, at once and on this thread.

    private boolean received(Optional<GroupMessage> received) {
        if (received.isEmpty()) {
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
        Call call = new Call(handled, run.contexts().of(headers.sender(), group.name(), Map.of()));
        try {
            return call.context().within(() -> invoke(call));
        } catch (RuntimeException e) {
            // A thread context could not be bound.
            return over(call, e);
        }
    }

    private boolean invoke(Call call) {
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

    private boolean awaits(Call call, CompletableFuture<?> result) {
        result.whenCompleteAsync(
                (value, failure) -> {
                    if (call.context().within(() -> failure == null ? done(call) : failed(call, failure))) {
                        reading.run();
                    }
                },
                run.executor());
        return false;
    }

    private boolean failed(Call call, Throwable failure) {
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

    private boolean done(Call call) {
        call.context().end();
        return left();
    }

    private boolean over(Call call, Throwable failure) {
        Throwable told = Failures.told(failure);
        if (Failures.isConversion(Failures.unwrapped(failure))) {
            // Without a stack trace: a member must not fill the log.
            log.warn(
                    "A message of group \"{}\" from {} cannot be converted for listener {}: {}",
                    ClientId.escape(group.name()),
                    sender(call),
                    run.id(),
                    ClientId.escape(String.valueOf(told.getMessage())));
            call.context().end(ErrorCode.CONVERSION_FAILED, told);
        } else {
            log.error(
                    "Listener {} failed on a message of group \"{}\" from {}",
                    run.id(),
                    ClientId.escape(group.name()),
                    sender(call),
                    told);
            call.context().end(ErrorCode.HANDLER_FAILED, told);
        }
        return left();
    }

    private static String sender(Call call) {
        return call.message().getHeaders() instanceof StreamHeaders headers
                ? ClientId.escape(headers.sender().name())
                : "";
    }

    private boolean left() {
        run.gate().leave();
        run.gate().finish();
        return true;
    }
}
