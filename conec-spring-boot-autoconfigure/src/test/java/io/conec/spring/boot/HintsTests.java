package io.conec.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.boot.autoconfigure.ConecAutoConfiguration;
import io.conec.spring.boot.autoconfigure.ConecClientAutoConfiguration;
import io.conec.spring.boot.autoconfigure.listener.ConecListenerAutoConfiguration;
import io.conec.spring.boot.autoconfigure.messaging.ConecMessagingAutoConfiguration;
import io.conec.spring.service.ConecExchange;
import io.conec.spring.service.ConecServiceProxyFactory;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.aop.framework.AopProxyUtils;
import org.springframework.aot.generate.ClassNameGenerator;
import org.springframework.aot.generate.DefaultGenerationContext;
import org.springframework.aot.generate.InMemoryGeneratedFiles;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.predicate.RuntimeHintsPredicates;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.javapoet.ClassName;
import reactor.core.publisher.Flux;

/** What an application with listeners and exchanges tells a native image. */
final class HintsTests {
    private final RuntimeHints hints = hints();

    @Test
    void listenerMethodsAndTheirPayloadsAreReflected() throws Exception {
        assertThat(RuntimeHintsPredicates.reflection()
                        .onMethodInvocation(Application.class.getDeclaredMethod("price", Order.class)))
                .accepts(hints);
        assertThat(RuntimeHintsPredicates.reflection()
                        .onMethodInvocation(Application.class.getDeclaredMethod("prices", Flux.class)))
                .accepts(hints);
        for (Class<?> type : List.of(Order.class, Price.class, Item.class)) {
            assertThat(RuntimeHintsPredicates.reflection().onType(type)).accepts(hints);
        }
    }

    @Test
    void exchangeInterfacesHaveProxiesAndTheirTypesAreReflected() {
        assertThat(RuntimeHintsPredicates.proxies().forInterfaces(AopProxyUtils.completeJdkProxyInterfaces(Shop.class)))
                .accepts(hints);
        assertThat(RuntimeHintsPredicates.reflection().onType(Question.class)).accepts(hints);
        assertThat(RuntimeHintsPredicates.reflection().onType(Answer.class)).accepts(hints);
    }

    @Test
    void nativeLibrariesAndMessagesAreThere() throws Exception {
        for (String library : List.of(
                "META-INF/native/libnetty_quiche42_linux_x86_64.so",
                "META-INF/native/netty_quiche42_windows_x86_64.dll",
                "META-INF/native/libnetty_transport_native_epoll_x86_64.so")) {
            assertThat(RuntimeHintsPredicates.resource().forResource(library)).accepts(hints);
        }
        assertThat(RuntimeHintsPredicates.reflection().onType(Class.forName("io.conec.internal.protocol.Control")))
                .accepts(hints);
    }

    private static RuntimeHints hints() {
        DefaultGenerationContext generation = new DefaultGenerationContext(
                new ClassNameGenerator(ClassName.get("io.conec", "Hints")), new InMemoryGeneratedFiles());
        try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
            TestPropertyValues.of(Map.of(
                            "conec.mode", "client",
                            "conec.client.id", "alice",
                            "conec.client.coordinator.host", "localhost"))
                    .applyTo(context);
            context.register(Application.class);
            new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
        }
        return generation.getRuntimeHints();
    }

    record Order(Item item) {}

    record Item(String name) {}

    record Price(int cents) {}

    record Question(String text) {}

    record Answer(String text) {}

    interface Shop {
        @ConecExchange("ask")
        List<Answer> ask(Question question);
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @ImportAutoConfiguration({
        ConecAutoConfiguration.class,
        ConecClientAutoConfiguration.class,
        ConecMessagingAutoConfiguration.class,
        ConecListenerAutoConfiguration.class,
        SslAutoConfiguration.class,
        JacksonAutoConfiguration.class
    })
    static class Application {
        @Bean
        Shop shop(ConecServiceProxyFactory factory) {
            return factory.createClient(Shop.class);
        }

        @ConecChannelListener(stream = "price")
        @ConecChannelListener(stream = "old-price")
        Price price(Order order) {
            return new Price(order.item().name().length());
        }

        @ConecChannelListener(stream = "prices")
        Flux<Price> prices(Flux<Order> orders) {
            return orders.map(this::price);
        }
    }
}
