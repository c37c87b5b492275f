package io.conec.spring.boot.test;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Starts a coordinator in the test's own process, on a free UDP port of the loopback address, that the client application under test connects to whatever its
 * {@code conec.client.coordinator} properties say. The application is connected when it has started.
 *
 * <pre>{@code
 * @SpringBootTest
 * @EmbeddedConec
 * class PricesTests {
 *     @Autowired
 *     EmbeddedConecCoordinator conec;
 *
 *     @Test
 *     void knowsThePriceOfPears() {
 *         Price price = conec.template("alice").request("shop", "price", new Query("pear"), Price.class);
 *         assertThat(price.cents()).isEqualTo(30);
 *     }
 * }
 * }</pre>
 *
 * <p>The {@link EmbeddedConecCoordinator} is a bean of the application. It also makes clients, which are the application's peers.
 *
 * <p>The test sets {@code conec.client.fail-fast} and {@code conec.client.bind-address}, unless the application has values of its own. An application with an SSL bundle for its coordinator's authority is to be told to do without
 * ({@code conec.client.ssl.bundle=}): the coordinator is known by its fingerprint.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface EmbeddedConec {}
