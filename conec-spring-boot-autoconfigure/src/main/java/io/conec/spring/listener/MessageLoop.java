package io.conec.spring.listener;

import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.messaging.support.GenericMessage;

/**
 * Hands the messages of one stream to a listener method, one after the other, and sends back what it returns. Reads the next message when the method
 * has returned and its answer was taken, so a slow method, or a peer that does not read the answers, stops the sender. Holds no thread
 * while it waits for a message.
 */
final class MessageLoop {
    private static final Logger log = LoggerFactory.getLogger(MessageLoop.class);

    private final ConecStream stream;
    private final ListenerEndpoint endpoint;
    private final ListenerMethods methods;
    private final Invocations invocations;
    private final StreamHeaders headers;

    MessageLoop(ConecStream stream, ListenerEndpoint endpoint, ListenerMethods methods, Invocations invocations) {
        this.stream = stream;
        this.endpoint = endpoint;
        this.methods = methods;
        this.invocations = invocations;
        this.headers = StreamHeaders.of(stream);
    }

    void run() {
        while (true) {
            CompletableFuture<Optional<ConecMessage>> next = stream.receiveAsync();
            if (!next.isDone()) {
                next.thenAccept(this::resume).whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        ended(failure);
                    }
                });
                return;
            }
            try {
                if (!goesOn(next.join())) {
                    return;
                }
            } catch (CompletionException | CancellationException e) {
                ended(e);
                return;
            }
        }
    }

    private void resume(Optional<ConecMessage> message) {
        if (goesOn(message)) {
            run();
        }
    }

    /** The stream was reset, its channel has ended, or it was told to {@link #stop()}. */
    private void ended(Throwable failure) {
        log.debug("Stream {} of listener {} ended", stream.id(), endpoint.id(), failure);
        stream.close();
    }

    /** Reads no further message: the read that waits, or the next one, fails. A method that runs can still send its answer. */
    void stop() {
        stream.stopReceiving(ErrorCode.SHUTTING_DOWN);
    }

    private boolean goesOn(Optional<ConecMessage> message) {
        if (message.isEmpty()) {
            stream.finish();
            return false;
        }
        if (!invocations.enter()) {
            stop();
            stream.close();
            return false;
        }
        try {
            return handle(message.get());
        } finally {
            invocations.exit();
        }
    }

    private boolean handle(ConecMessage message) {
        ListenerFailure failure = new ListenerFailure(endpoint, stream);
        @Nullable Object[] arguments;
        try {
            arguments = endpoint.method().arguments(new GenericMessage<>(message.bytes(), headers));
        } catch (Exception e) {
            failure.conversionFailed(e);
            return false;
        }
        try {
            Object result = endpoint.method().call(arguments);
            if (result != null) {
                stream.send(methods.toMessage(result)).join();
            }
            return true;
        } catch (Exception | Error e) {
            failure.handlerFailed(e);
            return false;
        }
    }
}
