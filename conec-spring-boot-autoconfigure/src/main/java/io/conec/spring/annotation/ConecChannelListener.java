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
 * <tr><th>arguments</th><th>{@link #stream()}</th><th>is called</th></tr>
 * <tr><td>{@code ConecChannel}</td><td>none</td><td>once for each channel that opened</td></tr>
 * <tr><td>{@code ConecStream}, and any of those below but no payload</td><td>required</td><td>once for each stream that the other side opened. The method
 *     owns the stream: it closes it, or lets another thread do so later. Returns nothing</td></tr>
 * <tr><td>a payload: {@code byte[]}, {@code String}, {@code ConecMessage}, or any other type for JSON, read by the application's {@code JsonMapper}; may be
 *     annotated with {@code @Payload} or wrapped in spring-messaging's {@code Message}. Also {@code ConecStream}, {@code ConecChannel}, {@code @Header},
 *     {@code @Headers}</td><td>required</td><td>once for each message of each stream that the other side opened. What it returns, unless that is null, is sent
 *     back on the same stream. When the other side finishes sending, so does this side</td></tr>
 * </table>
 *
 * <pre>{@code
 * @ConecChannelListener(stream = "price", peer = "shop-*")
 * Price price(Query query) {
 *     return prices.of(query);
 * }
 * }</pre>
 *
 * <p>Headers are those that the stream was opened with and those of {@code ConecHeaders}.
 *
 * <p>Methods run on the executor of the client or coordinator, never on a network thread, so they may block: the messages of one stream
 * one after the other, different streams in parallel. While a method runs, its stream is not read, which in the end stops the sender.
 *
 * <p>A message method that throws is logged, and its stream is reset with {@code HANDLER_FAILED} (or the code of a {@code ConecException}); with
 * {@code CONVERSION_FAILED} if the payload cannot be converted. The channel stays.
 *
 * <p>The application does not start if a signature fits none of the above, or if two methods would handle one stream of one peer.
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Reflective(ConecChannelListenerReflectiveProcessor.class)
@Repeatable(ConecChannelListeners.class)
public @interface ConecChannelListener {
    /** The listener's id, by which the registry knows it; the bean's and the method's name by default. Resolves {@code ${...}}. */
    String id() default "";

    /** The peers to listen to, by name: exact, or with {@code *} for any characters. All by default. Resolves {@code ${...}}. */
    String peer() default "*";

    /** The streams to handle, by name: exact, or with {@code *} for any characters. None by default, for channels. Resolves {@code ${...}}. */
    String stream() default "";
}
