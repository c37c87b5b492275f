package io.conec.spring.listener;

import io.conec.ConecStream;
import io.conec.ErrorCode;
import org.jspecify.annotations.Nullable;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;

/** A stream that a listener method owns: calls the method once. */
final class RawStream implements StreamHandling {
    private final ConecStream stream;
    private final ListenerEndpoint endpoint;
    private final Gate gate;
    private final ListenerErrors errors;

    RawStream(ConecStream stream, ListenerEndpoint endpoint, Gate gate) {
        this.stream = stream;
        this.endpoint = endpoint;
        this.gate = gate;
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
        Message<?> message = new GenericMessage<>(stream, StreamHeaders.of(stream));
        try {
            call(message);
        } catch (Exception | Error e) {
            try {
                errors.recover(message, e);
            } catch (Exception | Error failure) {
                errors.fail(failure);
            }
        } finally {
            gate.leave();
            gate.finish();
        }
    }

    private void call(Message<?> message) throws Exception {
        @Nullable Object[] arguments;
        try {
            arguments = endpoint.method().arguments(message);
        } catch (Exception e) {
            throw new ListenerErrors.ArgumentsFailed(e);
        }
        endpoint.method().call(arguments);
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
