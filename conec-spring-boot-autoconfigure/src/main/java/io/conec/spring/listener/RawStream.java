package io.conec.spring.listener;

import io.conec.ConecStream;
import io.conec.ErrorCode;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;

/** A stream that a listener method owns: calls the method once. */
final class RawStream implements StreamHandling {
    private final ConecStream stream;
    private final ListenerEndpoint endpoint;
    private final Gate gate;
    private final CallContext.Factory contexts;
    private final ListenerErrors errors;

    RawStream(ConecStream stream, ListenerEndpoint endpoint, Gate gate, CallContext.Factory contexts) {
        this.stream = stream;
        this.endpoint = endpoint;
        this.gate = gate;
        this.contexts = contexts;
        this.errors = new ListenerErrors(endpoint.id(), stream, endpoint.errorHandler());
    }

    @Override
    public ConecStream stream() {
        return stream;
    }

    @Override
    public void start() {
        if (gate.enter(this)) {
            admitted();
        }
    }

    @Override
    public void admitted() {
        CallContext call = contexts.of(stream);
        try {
            call.within(() -> {
                handle(call, new GenericMessage<>(stream, StreamHeaders.of(stream)));
                return null;
            });
        } catch (RuntimeException e) {
            // A thread context could not be bound.
            errors.fail(call, e);
        } finally {
            gate.leave();
            gate.finish();
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
            endpoint.method().invoke(message);
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
