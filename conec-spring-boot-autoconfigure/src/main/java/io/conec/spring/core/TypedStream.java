package io.conec.spring.core;

import io.conec.ConecMessage;
import io.conec.ConecStream;
import io.conec.spring.support.PayloadConverter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.messaging.converter.MessageConversionException;
import org.springframework.util.MimeType;

/**
 * A stream of payloads, which the application's converters turn into messages and back. Made by {@link ConecRequest#open}.
 *
 * <p>All methods may be called from any thread; order and back-pressure are those of the {@link ConecStream}.
 */
public final class TypedStream implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TypedStream.class);

    private final ConecStream stream;
    private final PayloadConverter converter;
    private final @Nullable MimeType contentType;

    TypedStream(ConecStream stream, PayloadConverter converter, @Nullable MimeType contentType) {
        this.stream = stream;
        this.converter = converter;
        this.contentType = contentType;
    }

    /** The stream itself. */
    public ConecStream stream() {
        return stream;
    }

    /**
     * Sends a payload; see {@link ConecStream#send(ConecMessage)}.
     *
     * @throws MessageConversionException if it cannot be written
     */
    public CompletableFuture<Void> send(Object payload) {
        return stream.send(write(payload));
    }

    ConecMessage write(Object payload) {
        return converter.write(payload, contentType).message();
    }

    /**
     * Waits for the next payload; see {@link ConecStream#receive()}.
     *
     * @return empty when the other side has finished
     * @throws MessageConversionException if it cannot be read as this type; the stream stays usable
     */
    public <T> Optional<T> receive(Class<T> type) throws InterruptedException {
        return stream.receive().map(message -> read(message, ParameterizedTypeReference.<T>forType(type)));
    }

    /** As {@link #receive(Class)}, for at most this long; see {@link ConecStream#receive(Duration)}. */
    public <T> Optional<T> receive(Class<T> type, Duration timeout) throws InterruptedException {
        return stream.receive(timeout).map(message -> read(message, ParameterizedTypeReference.<T>forType(type)));
    }

    /** As {@link #receive(Class)}, for generic types. */
    public <T> Optional<T> receive(ParameterizedTypeReference<T> type) throws InterruptedException {
        return stream.receive().map(message -> read(message, type));
    }

    /** Ends the sending direction; see {@link ConecStream#finish()}. */
    public CompletableFuture<Void> finish() {
        return stream.finish();
    }

    /** See {@link ConecStream#close()}. */
    @Override
    public void close() {
        stream.close();
    }

    @SuppressWarnings("unchecked") // The converter makes what it is told to.
    <T> T read(ConecMessage message, ParameterizedTypeReference<T> type) {
        return (T) converter.readAnswer(message, contentType, type);
    }

    /**
     * Sends one message and is done. An answer is not wanted, but the stream is left to the listener until it gives one or is done: to stop reading at once could be taken for
     * a cancelled request.
     */
    CompletableFuture<Void> sendOnly(ConecMessage message) {
        CompletableFuture<Void> sent = stream.send(message);
        CompletableFuture<Void> finished = stream.finish();
        stream.receiveAsync().whenComplete((answer, failure) -> {
            if (failure != null) {
                log.debug("What was sent to {} was not handled", stream, failure);
            }
            stream.close();
        });
        return sent.thenCombine(finished, (nothing, nothingEither) -> null);
    }
}
