package io.conec.spring.boot.autoconfigure.listener;

import io.conec.ConecParty;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.annotation.ConecChannelListenerAnnotationBeanPostProcessor;
import io.conec.spring.boot.autoconfigure.ConecProperties;
import io.conec.spring.boot.autoconfigure.ConecThreads;
import io.conec.spring.boot.autoconfigure.InvalidConecPropertyException;
import io.conec.spring.boot.autoconfigure.messaging.ConecMessagingAutoConfiguration;
import io.conec.spring.listener.ConecErrorCodeResolver;
import io.conec.spring.listener.ConecListenerConfig;
import io.conec.spring.listener.ConecListenerEndpointRegistry;
import io.conec.spring.listener.ConecListenerThreadContext;
import io.conec.spring.support.PayloadConverter;
import io.conec.spring.support.micrometer.ConecListenerObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.LazyInitializationExcludeFilter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.handler.invocation.HandlerMethodArgumentResolver;
import org.springframework.messaging.handler.invocation.InvocableHandlerMethod;
import org.springframework.validation.Validator;
import org.springframework.validation.beanvalidation.SpringValidatorAdapter;

/** {@link EnableAutoConfiguration Auto-configuration} for {@link ConecChannelListener} methods. */
@AutoConfiguration(
        after = ConecMessagingAutoConfiguration.class,
        afterName = "org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration")
@ConditionalOnClass(InvocableHandlerMethod.class)
@ConditionalOnProperty("conec.mode")
@ConditionalOnBean({ConecParty.class, PayloadConverter.class})
public final class ConecListenerAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    static ConecChannelListenerAnnotationBeanPostProcessor conecChannelListenerAnnotationBeanPostProcessor(
            ObjectProvider<ConecListenerEndpointRegistry> registry) {
        return new ConecChannelListenerAnnotationBeanPostProcessor(registry);
    }

    /** Nobody asks for the bean of a listener: with {@code spring.main.lazy-initialization} there would never be one. */
    @Bean
    static LazyInitializationExcludeFilter conecListenerLazyInitializationExcludeFilter() {
        return (name, definition, type) -> ConecChannelListenerAnnotationBeanPostProcessor.hasListeners(type);
    }

    @Bean
    @ConditionalOnMissingBean
    ConecListenerConfig conecListenerConfig(
            PayloadConverter converter,
            ConecThreads threads,
            ConecProperties properties,
            ObjectProvider<PayloadValidator> validator,
            ObjectProvider<HandlerMethodArgumentResolver> argumentResolvers,
            ObjectProvider<ConecListenerThreadContext> threadContexts,
            ObjectProvider<ConecErrorCodeResolver> errorCodes,
            ObjectProvider<ObservationRegistry> observationRegistry,
            ObjectProvider<ConecListenerObservationConvention> observationConvention) {
        PayloadValidator payloadValidator = validator.getIfAvailable();
        return ConecListenerConfig.builder(converter, threads.executor())
                .validator(payloadValidator == null ? null : payloadValidator.validator())
                .argumentResolvers(argumentResolvers.orderedStream().toList())
                .threadContexts(threadContexts.orderedStream().toList())
                .errorCodes(errorCodes.orderedStream().toList())
                .observationRegistry(observationRegistry.getIfUnique(() -> ObservationRegistry.NOOP))
                .observationConvention(observationConvention.getIfAvailable())
                .concurrency(concurrency(properties.listener()))
                .autoStartup(properties.listener().autoStartup())
                .gracePeriod(properties.shutdown().gracePeriod())
                .groupOptions(group -> GroupOptionsProperties.of(group, properties.groups()))
                .build();
    }

    private static int concurrency(ConecProperties.Listener listener) {
        if (listener.concurrency() < 1) {
            throw new InvalidConecPropertyException(
                    "conec.listener.concurrency",
                    "has to be at least 1, it is " + listener.concurrency(),
                    "Correct the property's value.");
        }
        return listener.concurrency();
    }

    @Bean
    @ConditionalOnMissingBean
    ConecListenerEndpointRegistry conecListenerEndpointRegistry(
            ObjectProvider<ConecParty> parties, ConecListenerConfig config, BeanFactory beanFactory) {
        return new ConecListenerEndpointRegistry(parties.orderedStream().toList(), config, beanFactory);
    }

    /** Not a {@link Validator} bean, of which an application should have one only. */
    record PayloadValidator(Validator validator) {}

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(jakarta.validation.Validator.class)
    static class ValidationConfiguration {
        @Bean
        @ConditionalOnSingleCandidate(jakarta.validation.Validator.class)
        PayloadValidator conecPayloadValidator(jakarta.validation.Validator validator) {
            return new PayloadValidator(
                    validator instanceof Validator spring ? spring : new SpringValidatorAdapter(validator));
        }
    }
}
