package io.conec.spring.boot.autoconfigure;

import io.conec.client.ConecClient;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** {@link EnableAutoConfiguration Auto-configuration} for a {@link ConecClient}, started and stopped with the application. */
@AutoConfiguration(after = {ConecAutoConfiguration.class, SslAutoConfiguration.class})
@ConditionalOnClass(ConecClient.class)
@ConditionalOnProperty(name = "conec.mode", havingValue = "client")
public final class ConecClientAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    ConecClientConnectionDetails conecClientConnectionDetails(ConecProperties properties) {
        return new PropertiesConecClientConnectionDetails(properties.client().coordinator());
    }

    @Bean
    @ConditionalOnMissingBean
    ConecClient conecClient(
            ConecProperties properties,
            ConecClientConnectionDetails connectionDetails,
            ObjectProvider<SslBundles> sslBundles,
            ObjectProvider<ClientConfigCustomizer> customizers) {
        SslBundles bundles = sslBundles.getIfAvailable();
        ConecClient client =
                new ConecClient(ClientConfigs.of(properties, connectionDetails, bundles, customizers.orderedStream()));
        TlsReload.of(client, properties.client(), bundles);
        return client;
    }

    @Bean
    @Lazy(false)
    ConecEventPublisher conecEventPublisher(ConecClient client, ApplicationEventPublisher publisher) {
        return new ConecEventPublisher(client, publisher);
    }

    @Bean
    ConecLifecycle conecClientLifecycle(ConecClient client, ConecProperties properties) {
        return new ConecLifecycle(
                client, new ClientStart(client, properties.client().failFast()));
    }
}
