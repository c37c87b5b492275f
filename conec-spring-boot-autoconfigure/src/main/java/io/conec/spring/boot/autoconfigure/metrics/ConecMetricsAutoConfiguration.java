package io.conec.spring.boot.autoconfigure.metrics;

import io.conec.ConecParty;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorStatistics;
import io.conec.coordinator.HostedGroup;
import io.conec.security.Identity;
import io.conec.spring.boot.autoconfigure.ConecClientAutoConfiguration;
import io.conec.spring.boot.autoconfigure.ConecCoordinatorAutoConfiguration;
import io.conec.spring.listener.ConecListenerContainer;
import io.conec.spring.listener.ConecListenerEndpointRegistry;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@link EnableAutoConfiguration Auto-configuration} for the meters {@code conec.*}. */
@AutoConfiguration(
        after = {ConecClientAutoConfiguration.class, ConecCoordinatorAutoConfiguration.class},
        afterName = "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass(MeterRegistry.class)
@ConditionalOnBean(MeterRegistry.class)
@ConditionalOnProperty("conec.mode")
public final class ConecMetricsAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnSingleCandidate(ConecParty.class)
    ConecMetrics conecMetrics(ConecParty party) {
        return new ConecMetrics(party);
    }

    @Bean
    @ConditionalOnMissingBean(name = "conecListenerMetrics")
    MeterBinder conecListenerMetrics(ObjectProvider<ConecListenerEndpointRegistry> listeners) {
        return registry -> listeners.ifAvailable(all -> Gauge.builder(
                        "conec.listeners.waiting",
                        all,
                        l -> l.containers().stream()
                                .mapToInt(ConecListenerContainer::waiting)
                                .sum())
                .description("Calls of listeners that wait for their turn")
                .baseUnit("calls")
                .register(registry));
    }

    /** How long the certificate that ends first is still valid. */
    private static void certificateExpiry(MeterRegistry registry, Supplier<Identity> identity) {
        TimeGauge.builder(
                        "conec.certificate.expiry",
                        identity,
                        TimeUnit.SECONDS,
                        current -> current.get().chain().stream()
                                .map(X509Certificate::getNotAfter)
                                .mapToLong(end -> Duration.between(Instant.now(), end.toInstant())
                                        .toSeconds())
                                .min()
                                .orElse(0))
                .description("Time until the certificate of this client or coordinator expires; negative afterwards")
                .strongReference(true)
                .register(registry);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnSingleCandidate(ConecClient.class)
    static class ClientConfiguration {
        @Bean
        @ConditionalOnMissingBean(name = "conecClientMetrics")
        MeterBinder conecClientMetrics(ConecClient client) {
            return registry -> {
                FunctionCounter.builder(
                                "conec.client.reconnects",
                                client,
                                c -> c.status().reconnects())
                        .description("Links to the coordinator made again after one was lost")
                        .baseUnit("reconnects")
                        .register(registry);
                certificateExpiry(registry, client::identity);
            };
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnSingleCandidate(ConecCoordinator.class)
    static class CoordinatorConfiguration {
        @Bean
        @ConditionalOnMissingBean(name = "conecRelayMetrics")
        MeterBinder conecRelayMetrics(ConecCoordinator coordinator) {
            return registry -> {
                packets(
                        registry,
                        coordinator,
                        "conec.relay.forwarded",
                        "Packets forwarded between clients",
                        CoordinatorStatistics::relayedPackets);
                packets(
                        registry,
                        coordinator,
                        "conec.relay.dropped",
                        "Packets dropped",
                        CoordinatorStatistics::droppedPackets);
                Gauge.builder(
                                "conec.groups.active",
                                coordinator,
                                c -> c.hostedGroups().size())
                        .description("Groups that this coordinator hosts")
                        .baseUnit("groups")
                        .register(registry);
                Gauge.builder(
                                "conec.groups.members",
                                coordinator,
                                c -> c.hostedGroups().stream()
                                        .mapToInt(HostedGroup::members)
                                        .sum())
                        .description("Members of the groups that this coordinator hosts")
                        .baseUnit("members")
                        .register(registry);
                certificateExpiry(registry, coordinator::identity);
            };
        }

        private static void packets(
                MeterRegistry registry,
                ConecCoordinator coordinator,
                String name,
                String description,
                ToDoubleFunction<CoordinatorStatistics> count) {
            FunctionCounter.builder(name, coordinator, c -> count.applyAsDouble(c.statistics()))
                    .description(description)
                    .baseUnit("packets")
                    .register(registry);
        }
    }
}
