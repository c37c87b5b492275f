package io.conec.spring.listener;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens when a listener method, or making its arguments, fails: one line in the log, and the stream is reset. The channel stays. */
final class ListenerFailure {
    private static final Logger log = LoggerFactory.getLogger(ListenerFailure.class);

    private final ListenerEndpoint endpoint;
    private final ConecStream stream;

    ListenerFailure(ListenerEndpoint endpoint, ConecStream stream) {
        this.endpoint = endpoint;
        this.stream = stream;
    }

    /** The peer's fault as a rule, so without a stack trace: a peer must not fill the log. */
    void conversionFailed(Exception failure) {
        log.warn(
                "A message of stream \"{}\" from {} cannot be converted for listener {}: {}",
                ClientId.escape(stream.name()),
                ClientId.escape(stream.channel().peer()),
                endpoint.id(),
                ClientId.escape(String.valueOf(failure.getMessage())));
        log.debug("Conversion failed", failure);
        stream.reset(ErrorCode.CONVERSION_FAILED);
    }

    void handlerFailed(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof ConecException && stream.closed().isDone()) {
            log.debug("Stream {} of listener {} ended", stream.id(), endpoint.id(), cause);
            return;
        }
        if (cause instanceof ConecException known) {
            refused(known);
            return;
        }
        log.error(
                "Listener {} failed; its stream \"{}\" from {} is reset",
                endpoint.id(),
                ClientId.escape(stream.name()),
                ClientId.escape(stream.channel().peer()),
                cause);
        stream.reset(ErrorCode.HANDLER_FAILED);
    }

    /** The method chose the code that the other side sees. */
    private void refused(ConecException refusal) {
        log.warn(
                "Listener {} resets its stream \"{}\" from {}, {}: {}",
                endpoint.id(),
                ClientId.escape(stream.name()),
                ClientId.escape(stream.channel().peer()),
                refusal.code(),
                refusal.getMessage());
        stream.reset(refusal.code() == ErrorCode.NO_ERROR ? ErrorCode.HANDLER_FAILED : refusal.code());
    }
}
