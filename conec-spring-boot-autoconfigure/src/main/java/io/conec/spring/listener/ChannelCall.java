package io.conec.spring.listener;

import io.conec.ClientId;
import io.conec.ConecChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;

/** Tells a listener method of one channel that opened. */
final class ChannelCall implements Gate.Entrant {
    private static final Logger log = LoggerFactory.getLogger(ChannelCall.class);

    private final ConecChannel channel;
    private final StreamHeaders headers;
    private final ListenerRun run;

    ChannelCall(ConecChannel channel, StreamHeaders headers, ListenerRun run) {
        this.channel = channel;
        this.headers = headers;
        this.run = run;
    }

    @Override
    public void admitted() {
        try {
            run.contexts().of(headers.sender()).within(() -> {
                handle();
                return null;
            });
        } catch (RuntimeException | Error e) {
            // A thread context could not be bound.
            failed(e);
        } finally {
            run.gate().leave();
            run.gate().finish();
        }
    }

    private void handle() {
        Message<ConecChannel> message = new GenericMessage<>(channel, headers);
        try {
            run.endpoint().method().invoke(message);
        } catch (Exception | Error e) {
            recover(message, e);
        }
    }

    private void recover(Message<ConecChannel> message, Throwable failure) {
        ConecListenerErrorHandler handler = run.endpoint().errorHandler();
        if (handler == null) {
            failed(failure);
            return;
        }
        try {
            handler.handleError(message, Failures.told(failure));
        } catch (Exception | Error e) {
            failed(e);
        }
    }

    private void failed(Throwable failure) {
        log.error("Listener {} failed for the channel to {}", run.id(), ClientId.escape(channel.peer()), failure);
    }

    @Override
    public void refused() {
        log.debug("Listener {} is stopped and does not get the channel to {}", run.id(), channel.peer());
    }
}
