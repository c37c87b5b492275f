package io.conec.spring.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.aot.hint.annotation.Reflective;

/**
 * A method that handles channels, streams or messages, in coordinator and client applications alike. What it handles is decided by its signature
 * when the application starts:
 *
 * <table>
 * <caption>Signatures</caption>
 * <tr><th>arguments</th><th>is called</th><th>returns</th></tr>
 * <tr><td>{@code ConecChannel}, without {@link #stream()}</td><td>once for each channel that opened</td><td>nothing</td></tr>
 * <tr><td>{@code ConecStream}, and any of those below but no payload</td><td>once for each stream that the other side opened. The method
 *     owns the stream: it closes it, or lets another thread do so later</td><td>nothing</td></tr>
 * <tr><td>a payload {@code T}, or {@code Message<T>}</td><td>once for each message of each stream that the other side opened</td><td>nothing, or what is sent
 *     back on the same stream: a value, a {@code CompletableFuture} or {@code Mono} of one (nothing is sent for null), or a {@code Flux} of any number. The next message is
 *     read when that is complete. When the other side finishes sending, so does this side</td></tr>
 * <tr><td>a {@code Flux<T>} of payloads</td><td>once for each stream that the other side opened. What the method asks the {@code Flux} for is what is read from
 *     the stream</td><td>a {@code Flux}, {@code Mono} or {@code CompletableFuture} of what is sent back. Its end finishes the stream</td></tr>
 * <tr><td>a payload, with {@link #group()}. May take the {@code ConecGroup}, to send to it; then it is joined to send, too</td><td>once for each message of the group, one after the other</td><td>nothing, or a {@code Mono<Void>} or {@code CompletableFuture<Void>} that tells
 *     when it is done</td></tr>
 * </table>
 *
 * <p>A payload is {@code byte[]}, {@code String}, {@code ConecMessage}, or any other type, which is converted: as JSON by the application's {@code JsonMapper}, or by
 * the application's own {@code MessageConverter} beans. It may be annotated with {@code @Payload}, and with {@code @Valid} if the application has a {@code Validator}. Further arguments may
 * be {@code ConecChannel}, {@code ConecStream}, {@code ConecPeer} (who sent it, as a {@code Principal} too), {@code @Header} and {@code @Headers}: the headers that the stream was opened with and those of {@code ConecHeaders}. In place of {@code Flux}
 * and {@code Mono} there may be any type that Spring's {@code ReactiveAdapterRegistry} knows.
 *
 * <pre>{@code
 * @ConecChannelListener(stream = "price", peer = "shop-*")
 * Price price(Query query) {
 *     return prices.of(query);
 * }
 * }</pre>
 *
 * <p>Methods run on the executor of the client or coordinator, never on a network thread, so they may block: the messages of one stream
 * one after the other, different streams in parallel, up to {@link #concurrency()}. Messages that have to wait stay in their streams, which in the end stops their senders.
 *
 * <p>When the other side resets the stream, cancels its request or is gone, the {@code CompletableFuture} or the subscription to the {@code Mono} or {@code Flux} that the
 * method returned is cancelled. A method that blocks is not interrupted: a peer could do harm by that. It may ask its {@code ConecStream} whether it is closed.
 *
 * <p>What fails goes to the {@link #errorHandler()}. Without one, it is logged once and the stream is reset: with {@code HANDLER_FAILED}, with the code of a {@code ConecException}, with {@code NOT_ALLOWED} if Spring Security denies it, or with
 * {@code CONVERSION_FAILED} if the payload cannot be converted or is not valid. The other side is told that in general terms, nothing of the exception leaves the application. The channel stays. A listener to a group goes on with the next message: nobody waits for an answer.
 *
 * <p>The application does not start if a signature fits none of the above, or if two methods would handle one stream of one peer.
 *
 * <p>All attributes resolve {@code ${...}} and {@code #{...}}. May be repeated, and used as a meta-annotation.
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Reflective(ConecChannelListenerReflectiveProcessor.class)
@Repeatable(ConecChannelListeners.class)
public @interface ConecChannelListener {
    /** The listener's id, by which the {@code ConecListenerEndpointRegistry} knows it; the bean's and the method's name by default. */
    String id() default "";

    /** The peers to listen to, by name: exact, or with {@code *} for any characters. All by default. */
    String peer() default "*";

    /** The streams to handle, by name: exact, or with {@code *} for any characters. None by default, for channels. */
    String stream() default "";

    /**
     * The group to join, by its exact name; {@code peer} then picks senders. None by default. How it is joined is up to the properties {@code conec.groups.<name>}; it is joined again when the membership ends.
     */
    String group() default "";

    /**
     * How many calls of the method may be under way at once, a whole number: {@code conec.listener.concurrency} by default. A call is under way until its result is complete. Methods that
     * take or return a {@code Flux}, whose calls may last as long as their streams, have no limit by default.
     */
    String concurrency() default "";

    /** Whether the listener starts with the application, {@code true} or {@code false}: {@code conec.listener.auto-startup} by default. */
    String autoStartup() default "";

    /** The {@code ConecListenerErrorHandler} for what fails: the name of a bean, or an expression that gives one. None by default. */
    String errorHandler() default "";
}
