package io.conec.spring.boot.autoconfigure;

import io.conec.coordinator.ConecAuthorizer;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.boot.context.ConecCoordinatorStartedEvent;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** {@link EnableAutoConfiguration Auto-configuration} for a {@link ConecCoordinator}, started and stopped with the application. */
@AutoConfiguration(after = {ConecAutoConfiguration.class, SslAutoConfiguration.class})
@ConditionalOnClass(ConecCoordinator.class)
@ConditionalOnProperty(name = "conec.mode", havingValue = "coordinator")
public final class ConecCoordinatorAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    ConecCoordinator conecCoordinator(
            ConecProperties properties,
            ObjectProvider<SslBundles> sslBundles,
            ObjectProvider<ConecAuthorizer> authorizer,
            ObjectProvider<CoordinatorConfigCustomizer> customizers) {
        SslBundles bundles = sslBundles.getIfAvailable();
        ConecCoordinator coordinator = new ConecCoordinator(
                CoordinatorConfigs.of(properties, bundles, authorizer.getIfAvailable(), customizers.orderedStream()));
        TlsReload.of(coordinator, properties.coordinator(), bundles);
        return coordinator;
    }

    @Bean
    @Lazy(false)
    ConecEventPublisher conecEventPublisher(ConecCoordinator coordinator, ApplicationEventPublisher publisher) {
        return new ConecEventPublisher(coordinator, publisher);
    }

    @Bean
    ConecLifecycle conecCoordinatorLifecycle(ConecCoordinator coordinator, ApplicationContext context) {
        return new ConecLifecycle(coordinator, () -> {
            coordinator.start();
            context.publishEvent(new ConecCoordinatorStartedEvent(coordinator, context));
        });
    }
}
