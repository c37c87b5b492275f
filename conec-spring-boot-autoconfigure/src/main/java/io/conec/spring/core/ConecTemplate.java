package io.conec.spring.core;

import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecParty;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.support.PayloadConverter;
import io.conec.spring.support.micrometer.ConecRequestObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.springframework.core.ParameterizedTypeReference;

/**
 * Sends payloads that the application's converters turn into messages, and asks questions, as a client or a coordinator.
 *
 * <pre>{@code
 * Price price = template.request("bob", "price", new Query("pear"), Price.class);
 * }</pre>
 *
 * <p>To its listener a request is one stream, with the payload as the only message; the first message that comes back is the answer (see {@link io.conec.ConecChannel#request}). Each has a deadline, {@code conec.client.request-timeout} or {@code conec.coordinator.request-timeout}
 * unless it says otherwise, that covers all of this, the making of the channel too. When the deadline passes, the future is cancelled or the waiting thread is interrupted, the stream ends, which
 * cancels what the other side's listener has under way for it.
 *
 * <p>{@link #to} gives access to headers, deadline and content type, and to streams that stay open. {@link ReactiveConecTemplate} does the same with Reactor.
 *
 * <p>All methods may be called from any thread.
 */
public final class ConecTemplate {
    private final ConecParty party;
    private final PayloadConverter converter;
    private final Duration requestTimeout;
    private final Executor executor;
    private final ObservationRegistry observationRegistry;
    private final @Nullable ConecRequestObservationConvention observationConvention;
    private final GroupSender groups;

    private ConecTemplate(Builder builder) {
        party = builder.party;
        converter = builder.converter;
        executor = builder.executor;
        requestTimeout = builder.requestTimeout;
        observationRegistry = builder.observationRegistry;
        observationConvention = builder.observationConvention;
        groups = new GroupSender(party);
    }

    /**
     * A builder of a template, with the defaults that its methods name.
     *
     * @param party the client or coordinator that sends
     * @param converter turns payloads into messages and back
     * @param executor completes the stages of requests whose deadline has passed; has to be one whose threads may block
     */
    public static Builder builder(ConecParty party, PayloadConverter converter, Executor executor) {
        return new Builder(party, converter, executor);
    }

    /** What to send to this peer: a client's id. */
    public ConecRequest to(String peer, String stream) {
        return new ConecRequest(this, peer, stream, () -> channel(peer));
    }

    /** What to send over this channel. */
    public ConecRequest to(ConecChannel channel, String stream) {
        return new ConecRequest(this, channel.peer(), stream, () -> CompletableFuture.completedFuture(channel));
    }

    /** What to send to this client's coordinator. A coordinator has none: there it fails with {@link ErrorCode#NOT_CONNECTED}. */
    public ConecRequest toCoordinator(String stream) {
        return new ConecRequest(this, "coordinator", stream, this::coordinator);
    }

    /**
     * Asks a peer, and waits for the answer.
     *
     * @param type what the answer is read as; {@code Void.class} waits until the listener is done
     * @return null if the listener gave no answer
     * @throws ConecException what the stage of {@link #requestAsync} fails with; {@link ErrorCode#CANCELLED} if this thread is interrupted, which it then stays
     */
    public <T> @Nullable T request(String peer, String stream, Object payload, Class<T> type) {
        return to(peer, stream).request(payload, type);
    }

    /** As {@link #request(String, String, Object, Class)}, for generic types. */
    public <T> @Nullable T request(String peer, String stream, Object payload, ParameterizedTypeReference<T> type) {
        return to(peer, stream).request(payload, type);
    }

    /**
     * Asks a peer. Cancelling the stage cancels the request.
     *
     * @return completes with null if the listener gave no answer; exceptionally with a {@link ConecException}: {@link ErrorCode#TIMEOUT} when the deadline has passed,
     *     {@link ErrorCode#HANDLER_FAILED} or whatever the listener resets the stream with, {@link ErrorCode#CONVERSION_FAILED} if the answer cannot be read or the other side could not read the
     *     payload, and the codes of {@link ConecClient#open(String)} and {@link ConecChannel#openStream(String, java.util.Map)}
     * @throws org.springframework.messaging.converter.MessageConversionException if the payload cannot be written
     */
    public <T> CompletableFuture<@Nullable T> requestAsync(String peer, String stream, Object payload, Class<T> type) {
        return to(peer, stream).requestAsync(payload, type);
    }

    /** As {@link #requestAsync(String, String, Object, Class)}, for generic types. */
    public <T> CompletableFuture<@Nullable T> requestAsync(
            String peer, String stream, Object payload, ParameterizedTypeReference<T> type) {
        return to(peer, stream).requestAsync(payload, type);
    }

    /**
     * Sends one payload, and waits until QUIC has taken it. Says nothing about the listener: where that matters, {@link #request} with {@code Void.class}.
     *
     * @throws ConecException as {@link #request}, but for what concerns the answer
     */
    public void send(String peer, String stream, Object payload) {
        to(peer, stream).send(payload);
    }

    /** As {@link #send}, without waiting. */
    public CompletableFuture<Void> sendAsync(String peer, String stream, Object payload) {
        return to(peer, stream).sendAsync(payload);
    }

    /**
     * Sends a payload to a group, and waits until QUIC has taken it. Joins the group at the first call, only to send, and stays in it as long as the client is connected or the coordinator runs. Groups carry no
     * headers: receivers read the payload as what they want it to be.
     *
     * @throws ConecException as {@link ConecParty#join} and {@link io.conec.ConecGroup#send} fail; {@link ErrorCode#CANCELLED} if this thread is interrupted, which it then stays
     * @throws org.springframework.messaging.converter.MessageConversionException if the payload cannot be written
     */
    public void sendToGroup(String group, Object payload) {
        ConecRequest.await(sendToGroupAsync(group, payload));
    }

    /** As {@link #sendToGroup}, without waiting. */
    public CompletableFuture<Void> sendToGroupAsync(String group, Object payload) {
        return groups.send(group, converter.write(payload, null).message());
    }

    ConecParty party() {
        return party;
    }

    PayloadConverter converter() {
        return converter;
    }

    Duration requestTimeout() {
        return requestTimeout;
    }

    Executor executor() {
        return executor;
    }

    ObservationRegistry observationRegistry() {
        return observationRegistry;
    }

    @Nullable
    ConecRequestObservationConvention observationConvention() {
        return observationConvention;
    }

    private CompletableFuture<ConecChannel> channel(String peer) {
        if (party instanceof ConecClient client) {
            return client.open(peer);
        }
        if (party instanceof ConecCoordinator coordinator) {
            return coordinator
                    .client(peer)
                    .map(CompletableFuture::completedFuture)
                    .orElseGet(() -> CompletableFuture.failedFuture(
                            new ConecException(ErrorCode.UNKNOWN_PEER, "no client of that id is connected")));
        }
        throw new IllegalStateException("neither client nor coordinator: " + party);
    }

    private CompletableFuture<ConecChannel> coordinator() {
        return (party instanceof ConecClient client ? client.coordinator() : Optional.<ConecChannel>empty())
                .map(CompletableFuture::completedFuture)
                .orElseGet(() -> CompletableFuture.failedFuture(
                        new ConecException(ErrorCode.NOT_CONNECTED, "there is no connection to a coordinator")));
    }

    /** Changes some settings. Not for several threads. */
    public static final class Builder {
        private final ConecParty party;
        private final PayloadConverter converter;
        private final Executor executor;
        private Duration requestTimeout = Duration.ofSeconds(10);
        private ObservationRegistry observationRegistry = ObservationRegistry.NOOP;
        private @Nullable ConecRequestObservationConvention observationConvention;

        private Builder(ConecParty party, PayloadConverter converter, Executor executor) {
            this.party = party;
            this.converter = converter;
            this.executor = executor;
        }

        /** How long a request may take unless it says otherwise; default 10 s. */
        public Builder requestTimeout(Duration value) {
            requestTimeout = value;
            return this;
        }

        /** Who is told of observations; nobody by default. */
        public Builder observationRegistry(ObservationRegistry value) {
            observationRegistry = value;
            return this;
        }

        /** How observations are named, if not by default. */
        public Builder observationConvention(@Nullable ConecRequestObservationConvention value) {
            observationConvention = value;
            return this;
        }

        /** The template. */
        public ConecTemplate build() {
            return new ConecTemplate(this);
        }
    }
}
