package io.conec.spring.boot.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.conec.client.ClientStatus;
import io.conec.client.ConecClient;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.core.ConecTemplate;
import io.conec.spring.listener.ConecListenerEndpointRegistry;
import io.conec.spring.listener.ListenerDefinition;
import io.conec.spring.service.ConecExchange;
import io.conec.spring.service.ConecServiceProxyFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.util.ClassUtils;

@SpringBootTest({"conec.mode=client", "conec.client.id=shop", "conec.client.coordinator.host=production.example.com"})
@EmbeddedConec
final class EmbeddedConecTests {
    @Autowired
    private EmbeddedConecCoordinator conec;

    @Autowired
    private ConecClient client;

    @Autowired
    private ConecTemplate template;

    @Autowired
    private ConecServiceProxyFactory factory;

    @Autowired
    private ConecListenerEndpointRegistry registry;

    @Test
    void theApplicationIsConnectedToTheEmbeddedCoordinator() {
        assertThat(client.status().state()).isEqualTo(ClientStatus.State.CONNECTED);
        assertThat(client.localAddress().getAddress().isLoopbackAddress()).isTrue();
        assertThat(conec.coordinator().client("shop")).isPresent();
    }

    @Test
    void aPeerAsksTheApplicationWithTheApplicationsConverters() {
        Price price = conec.template("alice").request("shop", "price", new Query("pear"), Price.class);
        assertThat(price).isEqualTo(new Price("pear", 30));
    }

    @Test
    void theApplicationAsksAPeer() throws Exception {
        conec.client("bob").onStream("name", stream -> {
            stream.send("bob");
            stream.close();
        });
        assertThat(template.request("bob", "name", "", String.class)).isEqualTo("bob");
        Names names = factory.createClient(Names.class, "bob");
        assertThat(names.name("")).isEqualTo("bob");
        assertThat(names.nameLater("").get()).isEqualTo("bob");
        assertThat(conec.client("bob")).isSameAs(conec.client("bob"));
    }

    // Reactor is not on the class path of this module.
    @Test
    void reactiveTypesNeedReactor() {
        assertThat(ClassUtils.isPresent(
                        "org.reactivestreams.Publisher", getClass().getClassLoader()))
                .isFalse();
        assertThatIllegalStateException()
                .isThrownBy(() -> registry.register(
                        "reactive",
                        ListenerDefinition.of("*", "reactive"),
                        new Reactive(),
                        Reactive.class.getDeclaredMethod("publisher", String.class)))
                .withMessageContaining("reactor-core");
    }

    interface Names {
        @ConecExchange("name")
        String name(String nothing);

        @ConecExchange("name")
        CompletableFuture<String> nameLater(String nothing);
    }

    static class Reactive {
        Flow.Publisher<String> publisher(String text) {
            throw new UnsupportedOperationException(text);
        }
    }

    record Query(String article) {}

    record Price(String article, int cents) {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Shop {
        @ConecChannelListener(stream = "price")
        Price price(Query query) {
            return new Price(query.article(), 30);
        }
    }
}
