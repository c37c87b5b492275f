package io.conec.spring.boot.autoconfigure.messaging;

import io.conec.ConecParty;
import io.conec.client.ConecClient;
import io.conec.spring.boot.autoconfigure.ConecClientAutoConfiguration;
import io.conec.spring.boot.autoconfigure.ConecCoordinatorAutoConfiguration;
import io.conec.spring.boot.autoconfigure.ConecProperties;
import io.conec.spring.boot.autoconfigure.ConecThreads;
import io.conec.spring.boot.autoconfigure.InvalidConecPropertyException;
import io.conec.spring.core.ConecTemplate;
import io.conec.spring.core.ReactiveConecTemplate;
import io.conec.spring.service.ConecServiceProxyFactory;
import io.conec.spring.support.PayloadConverter;
import io.conec.spring.support.micrometer.ConecRequestObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.config.EmbeddedValueResolver;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.converter.JacksonJsonMessageConverter;
import org.springframework.messaging.converter.MessageConverter;
import reactor.core.publisher.Flux;
import tools.jackson.databind.json.JsonMapper;

/** {@link EnableAutoConfiguration Auto-configuration} for sending payloads, and for what they become: JSON, or what the application's {@link MessageConverter}s make of them. */
@AutoConfiguration(
        after = {ConecClientAutoConfiguration.class, ConecCoordinatorAutoConfiguration.class},
        afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration")
@ConditionalOnClass(MessageConverter.class)
@ConditionalOnProperty("conec.mode")
@ConditionalOnBean(ConecParty.class)
public final class ConecMessagingAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    PayloadConverter conecPayloadConverter(
            ObjectProvider<MessageConverter> converters, ObjectProvider<JsonPayloads> json) {
        // The application's first: what it adds is meant to be used.
        List<MessageConverter> all = new ArrayList<>(converters.orderedStream().toList());
        json.ifAvailable(payloads -> all.add(payloads.converter()));
        return new PayloadConverter(all);
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnSingleCandidate(ConecParty.class)
    ConecTemplate conecTemplate(
            ConecParty party,
            PayloadConverter converter,
            ConecThreads threads,
            ConecProperties properties,
            ObjectProvider<ObservationRegistry> observationRegistry,
            ObjectProvider<ConecRequestObservationConvention> observationConvention) {
        boolean client = party instanceof ConecClient;
        String property = client ? "conec.client.request-timeout" : "conec.coordinator.request-timeout";
        Duration timeout = client
                ? properties.client().requestTimeout()
                : properties.coordinator().requestTimeout();
        if (timeout.isNegative() || timeout.isZero()) {
            throw new InvalidConecPropertyException(
                    property, "has to be positive, it is " + timeout, "Correct the property's value.");
        }
        return ConecTemplate.builder(party, converter, threads.executor())
                .requestTimeout(timeout)
                .observationRegistry(observationRegistry.getIfUnique(() -> ObservationRegistry.NOOP))
                .observationConvention(observationConvention.getIfAvailable())
                .build();
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnBean(ConecTemplate.class)
    ConecServiceProxyFactory conecServiceProxyFactory(ConecTemplate template, ConfigurableBeanFactory beanFactory) {
        return new ConecServiceProxyFactory(template, new EmbeddedValueResolver(beanFactory));
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Flux.class)
    static class ReactorConfiguration {
        @Bean
        @ConditionalOnMissingBean
        @ConditionalOnSingleCandidate(ConecParty.class)
        ReactiveConecTemplate reactiveConecTemplate(ConecTemplate template) {
            return new ReactiveConecTemplate(template);
        }
    }

    /** Not a {@link MessageConverter} bean, which other modules would pick up. */
    record JsonPayloads(MessageConverter converter) {}

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(JsonMapper.class)
    static class JacksonConfiguration {
        @Bean
        @ConditionalOnMissingBean
        @ConditionalOnSingleCandidate(JsonMapper.class)
        JsonPayloads conecJsonPayloads(JsonMapper jsonMapper) {
            return new JsonPayloads(new JacksonJsonMessageConverter(jsonMapper));
        }
    }
}
