package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static io.conec.spring.boot.Streams.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ConecEvent;
import io.conec.ErrorCode;
import io.conec.PresentClient;
import io.conec.client.ConecClient;
import io.conec.coordinator.Access;
import io.conec.coordinator.AccessRequest;
import io.conec.coordinator.ConecAuthorizer;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.boot.autoconfigure.endpoint.ConecEndpoint;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.EventListener;

/** Who is there, and who may do what: from properties, and from a bean. */
final class PresenceTests {
    @TempDir
    private Path directory;

    private Applications applications;

    @BeforeEach
    void start() {
        applications = new Applications(directory);
    }

    @AfterEach
    void stop() {
        applications.close();
    }

    @Test
    void joinsAndLeavesAreApplicationEventsWithAttributes() {
        ConfigurableApplicationContext coordinator = applications.coordinator(Application.class);
        ConfigurableApplicationContext alice = applications.client(
                "alice",
                coordinator.getBean(ConecCoordinator.class),
                Application.class,
                "--conec.client.watch-presence=true");
        ConfigurableApplicationContext bob = applications.client(
                "bob",
                coordinator.getBean(ConecCoordinator.class),
                Application.class,
                "--conec.client.attributes.role=printer",
                "--conec.client.attributes.[paper.size]=A4");
        for (ConfigurableApplicationContext each : List.of(coordinator, alice)) {
            await().atMost(LIMIT)
                    .until(() -> each.getBean(Application.class)
                            .joined
                            .contains(Map.entry("bob", Map.of("role", "printer", "paper.size", "A4"))));
        }
        assertThat(alice.getBean(ConecClient.class).presence().join())
                .extracting(PresentClient::id)
                .containsExactly("bob");
        bob.close();
        for (ConfigurableApplicationContext each : List.of(coordinator, alice)) {
            await().atMost(LIMIT)
                    .until(() -> each.getBean(Application.class).left.contains("bob"));
        }
    }

    @Test
    void theEndpointShowsWhoIsThereOnBothSides() {
        String exposed = "--management.endpoints.web.exposure.include=conec";
        ConfigurableApplicationContext coordinator = applications.coordinator(Application.class, exposed);
        ConecCoordinator party = coordinator.getBean(ConecCoordinator.class);
        ConfigurableApplicationContext alice =
                applications.client("alice", party, Application.class, exposed, "--conec.client.watch-presence=true");
        ConfigurableApplicationContext bob = applications.client("bob", party, Application.class, exposed);
        alice.getBean(ConecClient.class).join("news").join();

        ConecEndpoint.ConecDescriptor coordinators =
                coordinator.getBean(ConecEndpoint.class).conec();
        assertThat(coordinators.clients()).extracting(PresentClient::id).containsExactlyInAnyOrder("alice", "bob");
        assertThat(coordinators.hostedGroups())
                .singleElement()
                .satisfies(group -> assertThat(group.name()).isEqualTo("news"));
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(
                                alice.getBean(ConecEndpoint.class).conec().clients())
                        .extracting(PresentClient::id)
                        .containsExactly("bob"));
        assertThat(alice.getBean(ConecEndpoint.class).conec().groups())
                .singleElement()
                .satisfies(group -> assertThat(group.joined()).isTrue());
        // Bob does not watch, and the endpoint does not make him.
        assertThat(bob.getBean(ConecEndpoint.class).conec().clients()).isNull();
    }

    @Test
    void rulesDecideInTheirOrder() {
        ConecCoordinator coordinator = applications
                .coordinator(
                        Application.class,
                        "--conec.coordinator.rules[0].access=allow",
                        "--conec.coordinator.rules[0].from=guest-1",
                        "--conec.coordinator.rules[0].to=bank",
                        "--conec.coordinator.rules[1].access=deny",
                        "--conec.coordinator.rules[1].from=guest-*",
                        "--conec.coordinator.rules[1].to=bank")
                .getBean(ConecCoordinator.class);
        applications.client("bank", coordinator, Application.class);
        ConecClient allowed =
                applications.client("guest-1", coordinator, Application.class).getBean(ConecClient.class);
        ConecClient denied =
                applications.client("guest-2", coordinator, Application.class).getBean(ConecClient.class);
        assertThat(allowed.open("bank").join().peer()).isEqualTo("bank");
        assertThat(failure(() -> denied.open("bank").join()).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(denied.open("guest-1").join().peer()).isEqualTo("guest-1");
        assertThat(denied.presence().join()).extracting(PresentClient::id).containsExactly("guest-1");
    }

    @Test
    void aBeanDecidesWhatNoRuleDoesAndMayChangeItsMind() {
        ConfigurableApplicationContext context =
                applications.coordinator(AuthorizingApplication.class, "--conec.coordinator.default-policy=allow");
        ConecCoordinator coordinator = context.getBean(ConecCoordinator.class);
        ConecClient alice =
                applications.client("alice", coordinator, Application.class).getBean(ConecClient.class);
        applications.client("bob", coordinator, Application.class);
        var channel = alice.open("bob").join();
        context.getBean(AuthorizingApplication.class).enemies.add("alice");
        coordinator.recheckAccess().join();
        await().atMost(LIMIT).until(() -> channel.closed().isDone());
        assertThat(channel.closed().join().code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(failure(() -> alice.open("bob").join()).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        private final Queue<Map.Entry<String, Map<String, String>>> joined = new ConcurrentLinkedQueue<>();
        private final Queue<String> left = new ConcurrentLinkedQueue<>();

        @EventListener
        void joined(ConecEvent.ClientJoined event) {
            joined.add(Map.entry(event.client().id(), event.client().attributes()));
        }

        @EventListener
        void left(ConecEvent.ClientLeft event) {
            left.add(event.client().id());
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class AuthorizingApplication {
        private final Set<String> enemies = ConcurrentHashMap.newKeySet();

        @Bean
        ConecAuthorizer authorizer() {
            return request -> request instanceof AccessRequest.Introduce introduce
                            && enemies.contains(introduce.from().id().value())
                    ? Optional.of(Access.DENY)
                    : Optional.empty();
        }
    }
}
