package io.conec.spring.listener;

import io.conec.ConecStream;
import io.conec.ErrorCode;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;

/** A stream that a listener method owns: calls the method once. */
final class RawStream implements StreamHandling {
    private final ConecStream stream;
    private final StreamHeaders headers;
    private final ListenerRun run;
    private final ListenerErrors errors;

    RawStream(ConecStream stream, StreamHeaders headers, ListenerRun run) {
        this.stream = stream;
        this.headers = headers;
        this.run = run;
        this.errors = new ListenerErrors(stream, run);
    }

    @Override
    public ConecStream stream() {
        return stream;
    }

    @Override
    public void start() {
        if (run.gate().enter(this)) {
            admitted();
        }
    }

    @Override
    public void admitted() {
        CallContext call = run.contexts().of(stream, headers.sender());
        try {
            call.within(() -> {
                handle(call, new GenericMessage<>(stream, headers));
                return null;
            });
        } catch (RuntimeException | Error e) {
            // A thread context could not be bound.
            errors.fail(call, e);
        } finally {
            run.gate().leave();
            run.gate().finish();
        }
    }

    private void handle(CallContext call, Message<?> message) {
        try {
            invoke(message);
            call.end();
        } catch (Exception | Error e) {
            errors.fail(call, e);
        }
    }

    private void invoke(Message<?> message) throws Exception {
        try {
            run.endpoint().method().invoke(message);
        } catch (Exception | Error e) {
            errors.recover(message, e);
        }
    }

    @Override
    public void refused() {
        stream.reset(ErrorCode.SHUTTING_DOWN, "the listener is stopped");
    }

    @Override
    public void stop() {
        // The stream is the method's own.
    }

    @Override
    public void abort() {
        // As above; a method that outlives the grace period loses its stream with the channel.
    }
}
