package io.conec.spring.listener;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.messaging.Message;

/**
 * The one way of everything that fails in a listener to one stream: the listener's error handler, and without one, or if that fails too, one line in the log and a reset of the stream with a code
 * and a sentence in general terms. The channel stays.
 */
final class ListenerErrors {
    private static final Logger log = LoggerFactory.getLogger(ListenerErrors.class);

    private final ConecStream stream;
    private final String listener;
    private final @Nullable ConecListenerErrorHandler handler;
    private final ListenerRun run;

    ListenerErrors(ConecStream stream, ListenerRun run) {
        this.stream = stream;
        this.listener = run.id();
        this.handler = run.endpoint().errorHandler();
        this.run = run;
    }

    /** What to send in place of the result that there is not; null for nothing. Throws what to {@link #fail} with. */
    @Nullable
    Object recover(Message<?> message, Throwable failure) throws Exception {
        if (handler != null && !isConsequence(Failures.unwrapped(failure))) {
            return handler.handleError(message, Failures.told(failure));
        }
        if (failure instanceof Error error) {
            throw error;
        }
        throw (Exception) failure;
    }

    /** Ends the stream, and the call that failed. */
    void fail(CallContext call, Throwable failure) {
        call.end(reset(Failures.unwrapped(failure)), Failures.told(failure));
    }

    private ErrorCode reset(Throwable cause) {
        if (isConsequence(cause)) {
            log.debug("Stream {} of listener {} ended", stream.id(), listener, cause);
            stream.close();
            return ErrorCode.CANCELLED;
        }
        if (Failures.isConversion(cause)) {
            // Without a stack trace: a peer must not fill the log.
            log.warn(
                    "A message of stream \"{}\" from {} cannot be converted for listener {}: {}",
                    ClientId.escape(stream.name()),
                    ClientId.escape(stream.channel().peer()),
                    listener,
                    ClientId.escape(String.valueOf(Failures.told(cause).getMessage())));
            log.debug("Conversion failed", cause);
            stream.reset(ErrorCode.CONVERSION_FAILED, "the payload is not what the listener takes");
            return ErrorCode.CONVERSION_FAILED;
        }
        Optional<ErrorCode> code = run.code(cause);
        if (code.isPresent()) {
            log.warn(
                    "Listener {} resets its stream \"{}\" from {}, {}: {}",
                    listener,
                    ClientId.escape(stream.name()),
                    ClientId.escape(stream.channel().peer()),
                    code.get(),
                    cause.getMessage());
            // Only the code: the message may be about something that is none of the peer's business.
            stream.reset(code.get(), "the listener gave up");
            return code.get();
        }
        log.error(
                "Listener {} failed; its stream \"{}\" from {} is reset",
                listener,
                ClientId.escape(stream.name()),
                ClientId.escape(stream.channel().peer()),
                cause);
        stream.reset(ErrorCode.HANDLER_FAILED, "the listener failed");
        return ErrorCode.HANDLER_FAILED;
    }

    /** Whether it only tells that the stream has ended, which both sides know. */
    private boolean isConsequence(Throwable failure) {
        if (!stream.closed().isDone() && stream.channel().streams().contains(stream)) {
            return false;
        }
        if (failure instanceof CancellationException) {
            return true;
        }
        // What it ended with is told later than failures are. With another code it is about something else.
        return failure instanceof ConecException known && stream.closed().getNow(known.code()) == known.code();
    }
}
