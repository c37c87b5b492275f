package io.conec.spring.service;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.aot.hint.annotation.Reflective;
import org.springframework.core.annotation.AliasFor;

/**
 * A method of an interface that is a request to a stream of another party. {@link ConecServiceProxyFactory} makes the proxy.
 *
 * <pre>{@code
 * @ConecExchange(peer = "${shop}")
 * interface Prices {
 *     @ConecExchange("price")
 *     Price price(Query query);
 *
 *     @ConecExchange("ticks")
 *     Flux<Price> ticks(Query query, @Header("currency") String currency);
 * }
 * }</pre>
 *
 * <table>
 * <caption>Arguments</caption>
 * <tr><td>one without annotation, or {@code @Payload}</td><td>the payload; a {@code Flux}, {@code Publisher} or other reactive type for any number of them. An empty message is sent if there is none</td></tr>
 * <tr><td>{@code @Header}</td><td>a header of the stream, as text; for null or an empty {@code Optional} its default value, none without one</td></tr>
 * <tr><td>{@code @Headers Map}</td><td>any number of them</td></tr>
 * <tr><td>{@code ConecChannel}</td><td>where to send it, in place of the {@link #peer()}</td></tr>
 * </table>
 *
 * <table>
 * <caption>Results</caption>
 * <tr><td>{@code T}, {@code Optional<T>}</td><td>the answer, waited for; null or empty if the listener gave none</td></tr>
 * <tr><td>{@code void}, {@code Mono<Void>}, {@code CompletableFuture<Void>}</td><td>the listener is done, without an error</td></tr>
 * <tr><td>{@code CompletableFuture<T>}, {@code Mono<T>} and other reactive types of one value</td><td>the answer</td></tr>
 * <tr><td>{@code Flux<T>} and other reactive types of many values</td><td>all that comes back</td></tr>
 * </table>
 *
 * <p>Deadline, cancellation and errors are those of {@code ConecTemplate}.
 *
 * <p>On an interface it gives what its methods have in common. All attributes resolve {@code ${...}} and {@code #{...}}.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Reflective(ConecExchangeReflectiveProcessor.class)
public @interface ConecExchange {
    /** The stream. That of the interface and that of the method are joined by a dot if both are given. */
    @AliasFor("stream")
    String value() default "";

    /** As {@link #value()}. */
    @AliasFor("value")
    String stream() default "";

    /** The peer: a client's id. Without it, the one that the proxy was made for; without that too, this client's coordinator. */
    String peer() default "";

    /** The content type that payloads are sent as; by default whatever the first converter that takes the payload makes of it. */
    String contentType() default "";
}
