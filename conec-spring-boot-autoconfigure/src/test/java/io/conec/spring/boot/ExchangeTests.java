package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static io.conec.spring.boot.Streams.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.conec.ConecChannel;
import io.conec.ErrorCode;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.service.ConecExchange;
import io.conec.spring.service.ConecServiceProxyFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Headers;
import org.springframework.messaging.handler.annotation.Payload;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Interfaces whose methods are requests, as beans of a client application. */
final class ExchangeTests {
    @TempDir
    private static Path directory;

    private static Applications applications;
    private static ConfigurableApplicationContext alice;
    private static BobsApplication bob;
    private static Shop shop;

    @BeforeAll
    static void start() {
        applications = new Applications(directory);
        ConecCoordinator coordinator =
                applications.coordinator(CoordinatorApplication.class).getBean(ConecCoordinator.class);
        bob = applications.client("bob", coordinator, BobsApplication.class).getBean(BobsApplication.class);
        alice = applications.client("alice", coordinator, AlicesApplication.class, "--shop=bob");
        shop = alice.getBean(Shop.class);
    }

    @AfterAll
    static void stop() {
        applications.close();
    }

    @Test
    void aValueIsWaitedFor() {
        assertThat(shop.price(new Order("pear", 3))).isEqualTo(new Price("pear", 90));
        assertThat(shop.prices(List.of(new Order("pear", 1)))).containsExactly(new Price("pear", 30));
    }

    @Test
    void noAnswerIsNullOrEmpty() {
        assertThat(shop.discount("pear")).isNull();
        assertThat(shop.maybeDiscount("pear")).isEmpty();
        assertThat(shop.maybeDiscount("fig")).contains(10);
    }

    @Test
    void futuresAndMonosComeLater() throws Exception {
        assertThat(shop.priceLater(new Order("pear", 2)).get()).isEqualTo(new Price("pear", 60));
        assertThat(shop.priceMono(new Order("pear", 2)).block(LIMIT)).isEqualTo(new Price("pear", 60));
    }

    @Test
    void nothingIsWaitedForTooAndFails() throws Exception {
        shop.restock(new Order("pear", 5));
        assertThat(bob.restocked).contains("pear");
        shop.restockLater(new Order("fig", 5)).get();
        shop.restockMono(new Order("plum", 5)).block(LIMIT);
        assertThat(bob.restocked).contains("fig", "plum");
        assertThat(failure(() -> shop.restock(new Order("fail", 1))).code()).isEqualTo(ErrorCode.HANDLER_FAILED);
    }

    @Test
    void manyPayloadsAndManyAnswers() {
        assertThat(shop.ticks("pear").collectList().block(LIMIT)).hasSize(3);
        Flux<Order> orders = Flux.just(new Order("pear", 1), new Order("fig", 2));
        assertThat(shop.all(orders).collectList().block(LIMIT))
                .containsExactly(new Price("pear", 30), new Price("fig", 60));
        assertThat(shop.sum(orders).block(LIMIT)).isEqualTo(3);
        shop.log(Flux.just("a", "b")).block(LIMIT);
        assertThat(bob.restocked).contains("logged a", "logged b");
    }

    @Test
    @SuppressWarnings("NullAway") // What an application might do.
    void argumentsBecomeHeaders() {
        assertThat(shop.headers("x", "blue", Map.of("size", 3))).isEqualTo("x blue 3");
        assertThat(shop.headers("x", null, Map.of("size", 3))).isEqualTo("x none 3");
        assertThat(shop.defaultHeader("x", null, Optional.of(1))).isEqualTo("x bob-coloured 1");
        assertThat(shop.defaultHeader("x", "blue", Optional.empty())).isEqualTo("x blue 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> shop.requiredHeader("x", null))
                .withMessageContaining("argument 1");
    }

    @Test
    void anArgumentMayBeTheDestination() {
        ConecChannel self = alice.getBean(ConecClient.class).open("alice").join();
        assertThat(shop.whoIs(self)).isEqualTo("alice");
        assertThat(shop.whoIs(alice.getBean(ConecClient.class).open("bob").join()))
                .isEqualTo("bob");
    }

    @Test
    void withoutAPeerItIsTheCoordinator() {
        assertThat(alice.getBean(Lobby.class).who("am I")).isEqualTo("alice am I");
    }

    @Test
    void thePeerCanBeChosenWhenTheProxyIsMade() {
        Lobby lobby = alice.getBean(ConecServiceProxyFactory.class).createClient(Lobby.class, "bob");
        assertThat(lobby.who("are you")).isEqualTo("bob, are you?");
    }

    @Test
    void defaultMethodsAndObjectMethodsAreTheirOwn() {
        assertThat(shop.twice(new Order("pear", 1))).isEqualTo(60);
        assertThat(shop.toString()).contains("Shop");
        assertThat(shop).isEqualTo(alice.getBean(Shop.class)).hasSameHashCodeAs(alice.getBean(Shop.class));
    }

    @ParameterizedTest
    @ValueSource(classes = {NoStream.class, TwoPayloads.class, ValueOfMany.class, NoExchange.class, Object.class})
    void whatIsNoRequestIsRefused(Class<?> service) {
        ConecServiceProxyFactory factory = alice.getBean(ConecServiceProxyFactory.class);
        assertThatIllegalStateException()
                .isThrownBy(() -> factory.createClient(service))
                .withMessageContaining(service == Object.class ? "no interface" : service.getSimpleName());
    }

    record Order(String article, int count) {}

    record Price(String article, int cents) {}

    @ConecExchange(peer = "${shop}")
    interface Shop {
        @ConecExchange("price")
        Price price(Order order);

        @ConecExchange("prices")
        List<Price> prices(List<Order> orders);

        @ConecExchange("discount")
        @Nullable
        Integer discount(String article);

        @ConecExchange("discount")
        Optional<Integer> maybeDiscount(String article);

        @ConecExchange(stream = "price")
        CompletableFuture<Price> priceLater(Order order);

        @ConecExchange("price")
        Mono<Price> priceMono(Order order);

        @ConecExchange("restock")
        void restock(Order order);

        @ConecExchange("restock")
        CompletableFuture<Void> restockLater(Order order);

        @ConecExchange("restock")
        Mono<Void> restockMono(Order order);

        @ConecExchange("ticks")
        Flux<String> ticks(String article);

        @ConecExchange("price")
        Flux<Price> all(Flux<Order> orders);

        @ConecExchange("sum")
        Mono<Integer> sum(Flux<Order> orders);

        @ConecExchange("log")
        Mono<Void> log(Flux<String> lines);

        @ConecExchange("headers")
        String headers(
                @Payload String text,
                @Header(name = "colour", required = false) @Nullable String colour,
                @Headers Map<String, Object> others);

        @ConecExchange("headers")
        String requiredHeader(String text, @Header String colour);

        @ConecExchange("headers")
        String defaultHeader(
                @Payload String text,
                @Header(name = "colour", defaultValue = "${shop}-coloured") @Nullable String colour,
                @Header(name = "size", defaultValue = "0") Optional<Integer> size);

        @ConecExchange("name")
        String whoIs(ConecChannel channel);

        default int twice(Order order) {
            return 2 * price(order).cents();
        }
    }

    @ConecExchange("lobby")
    interface Lobby {
        @ConecExchange("#{'wh' + 'o'}")
        String who(String question);
    }

    interface NoStream {
        @ConecExchange
        String unnamed(String text);
    }

    interface TwoPayloads {
        @ConecExchange("a")
        String two(String one, String other);
    }

    interface ValueOfMany {
        @ConecExchange("a")
        String many(Flux<String> texts);
    }

    interface NoExchange {
        String nothing();
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class CoordinatorApplication {
        @ConecChannelListener(stream = "lobby.who")
        String who(String question, ConecChannel channel) {
            return channel.peer() + " " + question;
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class AlicesApplication {
        @Bean
        Shop shop(ConecServiceProxyFactory factory) {
            return factory.createClient(Shop.class);
        }

        @Bean
        Lobby lobby(ConecServiceProxyFactory factory) {
            return factory.createClient(Lobby.class);
        }

        @ConecChannelListener(stream = "name")
        String name(String nothing) {
            return "alice";
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class BobsApplication {
        private final Queue<String> restocked = new ConcurrentLinkedQueue<>();

        @ConecChannelListener(stream = "price")
        Price price(Order order) {
            return new Price(order.article(), 30 * order.count());
        }

        @ConecChannelListener(stream = "prices")
        List<Price> prices(List<Order> orders) {
            return orders.stream().map(this::price).toList();
        }

        @ConecChannelListener(stream = "discount")
        @Nullable
        Integer discount(String article) {
            return article.equals("fig") ? 10 : null;
        }

        @ConecChannelListener(stream = "restock")
        void restock(Order order) {
            if (order.article().equals("fail")) {
                throw new IllegalStateException("as the test asks for");
            }
            restocked.add(order.article());
        }

        @ConecChannelListener(stream = "ticks")
        Flux<String> ticks(String article) {
            return Flux.just(article, article, article);
        }

        @ConecChannelListener(stream = "sum")
        Mono<Integer> sum(Flux<Order> orders) {
            return orders.map(Order::count).reduce(0, Integer::sum);
        }

        @ConecChannelListener(stream = "log")
        void log(String line) {
            restocked.add("logged " + line);
        }

        @ConecChannelListener(stream = "headers")
        String headers(
                String text, @Header(name = "colour", defaultValue = "none") String colour, @Header("size") int size) {
            return text + " " + colour + " " + size;
        }

        @ConecChannelListener(stream = "name")
        String name(String nothing) {
            return "bob";
        }

        @ConecChannelListener(stream = "lobby.who")
        String who(String question) {
            return "bob, " + question + "?";
        }
    }
}
