package io.conec.spring.boot.autoconfigure.health;

import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.boot.autoconfigure.ConecClientAutoConfiguration;
import io.conec.spring.boot.autoconfigure.ConecCoordinatorAutoConfiguration;
import java.time.Clock;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@link EnableAutoConfiguration Auto-configuration} for the health contributor {@code conec}. */
@AutoConfiguration(
        after = {ConecClientAutoConfiguration.class, ConecCoordinatorAutoConfiguration.class},
        beforeName = "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
@ConditionalOnClass({Health.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnEnabledHealthIndicator("conec")
@ConditionalOnProperty("conec.mode")
@EnableConfigurationProperties(ConecHealthProperties.class)
public final class ConecHealthContributorAutoConfiguration {
    private static final String NAME = "conecHealthContributor";

    private static CertificateDetails certificates(ConecHealthProperties properties) {
        return new CertificateDetails(properties.certificateValidityWarningThreshold(), Clock.systemUTC());
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnSingleCandidate(ConecClient.class)
    static class ClientConfiguration {
        @Bean(NAME)
        @ConditionalOnMissingBean(name = NAME)
        HealthContributor conecHealthContributor(ConecClient client, ConecHealthProperties properties) {
            return new ConecClientHealthIndicator(client, certificates(properties));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnSingleCandidate(ConecCoordinator.class)
    static class CoordinatorConfiguration {
        @Bean(NAME)
        @ConditionalOnMissingBean(name = NAME)
        HealthContributor conecHealthContributor(ConecCoordinator coordinator, ConecHealthProperties properties) {
            return new ConecCoordinatorHealthIndicator(coordinator, certificates(properties));
        }
    }
}
