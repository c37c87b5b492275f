package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static io.conec.spring.boot.Streams.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ErrorCode;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.core.ConecTemplate;
import io.conec.spring.security.ConecAuthenticationConverter;
import io.conec.spring.security.ConecPeerAuthentication;
import io.conec.spring.support.ConecPeer;
import java.nio.file.Path;
import java.security.Principal;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.method.configuration.EnableReactiveMethodSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolder;
import reactor.core.publisher.Mono;

/** Method security of listeners that is asked about the peer. */
@ExtendWith(OutputCaptureExtension.class)
final class SecurityTests {
    @TempDir
    private static Path directory;

    private static Applications applications;
    private static ConfigurableApplicationContext coordinator;
    private static ConfigurableApplicationContext bob;
    private static ConecTemplate alice;
    private static ConecTemplate carol;

    @BeforeAll
    static void start() {
        applications = new Applications(directory);
        coordinator = applications.coordinator(PlainApplication.class);
        ConecCoordinator party = coordinator.getBean(ConecCoordinator.class);
        bob = applications.client("bob", party, BobsApplication.class);
        applications.client("reactive-bob", party, ReactiveApplication.class);
        alice = applications.client("alice", party, PlainApplication.class).getBean(ConecTemplate.class);
        carol = applications.client("carol", party, PlainApplication.class).getBean(ConecTemplate.class);
    }

    @AfterAll
    static void stop() {
        applications.close();
    }

    @Test
    void thePeerIsTheAuthenticationOfTheCall() {
        assertThat(alice.request("bob", "who", "", String.class))
                .isEqualTo("alice alice alice [ROLE_CONEC_CLIENT] alice");
        assertThat(coordinator.getBean(ConecTemplate.class).request("bob", "who", "", String.class))
                .isEqualTo("localhost localhost localhost [ROLE_CONEC_COORDINATOR] localhost");
    }

    @ParameterizedTest
    @ValueSource(strings = {"bob", "reactive-bob"})
    void methodSecurityLetsInWhomItAllows(String peer, CapturedOutput output) {
        assertThat(alice.request(peer, "for-alice", "x", String.class)).isEqualTo("x");
        assertThat(failure(() -> carol.request(peer, "for-alice", "x", String.class))
                        .code())
                .isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(output.getOut().lines().filter(line -> line.contains("NOT_ALLOWED")))
                .hasSize(1)
                .first()
                .asString()
                .contains("carol");
        assertThat(output).doesNotContain("AccessDeniedException");
    }

    /** Whoever may not send must not be able to fill the log. */
    @Test
    void aMessageToAGroupThatIsDeniedTakesOneLine(CapturedOutput output) {
        await().atMost(LIMIT)
                .until(() -> coordinator.getBean(ConecCoordinator.class).hostedGroups().stream()
                        .anyMatch(group -> group.receivers() == 1));
        carol.sendToGroup("for-alice", "x");
        alice.sendToGroup("for-alice", "y");
        Handlers handlers = bob.getBean(Handlers.class);
        await().atMost(LIMIT).until(() -> handlers.heard().contains("y"));
        assertThat(handlers.heard()).doesNotContain("x");
        assertThat(output.getOut().lines().filter(line -> line.contains("GroupLoop")))
                .hasSize(1)
                .first()
                .asString()
                .contains("NOT_ALLOWED", "carol");
        assertThat(output).doesNotContain("AccessDeniedException", "AuthorizationDeniedException");
    }

    @Test
    void aConverterGivesPeersTheirAuthorities() {
        assertThat(alice.request("reactive-bob", "authorities", "", String.class))
                .isEqualTo("[admin]");
        assertThat(carol.request("reactive-bob", "authorities", "", String.class))
                .isEqualTo("[]");
    }

    @Test
    void nothingIsLeftOnTheThread() {
        assertThat(alice.request("bob", "who", "", String.class)).isNotNull();
        assertThat(SecurityContextHolder.getContext().getAuthentication()).isNull();
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class PlainApplication {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableMethodSecurity
    static class BobsApplication {
        @Bean
        Handlers handlers() {
            return new Handlers();
        }
    }

    static class Handlers {
        private final Queue<String> heard = new ConcurrentLinkedQueue<>();

        /** Not the field: this is behind a proxy. */
        Queue<String> heard() {
            return heard;
        }

        @ConecChannelListener(stream = "who")
        String who(String text, Principal principal, ConecPeer peer, Authentication authentication) {
            Authentication current =
                    Objects.requireNonNull(SecurityContextHolder.getContext().getAuthentication());
            return principal.getName() + " " + peer.name() + " " + authentication.getName() + " "
                    + current.getAuthorities() + " " + current.getPrincipal();
        }

        @PreAuthorize("authentication.name == 'alice'")
        @ConecChannelListener(group = "for-alice")
        void groupForAlice(String text) {
            heard.add(text);
        }

        @PreAuthorize("authentication.name == 'alice' && hasRole('CONEC_CLIENT')")
        @ConecChannelListener(stream = "for-alice")
        String forAlice(String text) {
            return text;
        }
    }

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @EnableReactiveMethodSecurity
    static class ReactiveApplication {
        @Bean
        ReactiveHandlers handlers() {
            return new ReactiveHandlers();
        }

        @Bean
        ConecAuthenticationConverter converter() {
            return peer -> new ConecPeerAuthentication(
                    peer, peer.name().equals("alice") ? List.of(new SimpleGrantedAuthority("admin")) : List.of());
        }
    }

    static class ReactiveHandlers {
        @PreAuthorize("hasAuthority('admin')")
        @ConecChannelListener(stream = "for-alice")
        Mono<String> forAlice(String text) {
            return Mono.just(text);
        }

        @ConecChannelListener(stream = "authorities")
        Mono<String> authorities(String text) {
            return ReactiveSecurityContextHolder.getContext()
                    .mapNotNull(context -> context.getAuthentication())
                    .map(authentication -> authentication.getAuthorities().toString());
        }
    }
}
