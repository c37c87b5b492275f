package io.conec.spring.boot.autoconfigure.listener;

import io.conec.ConecParty;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.annotation.ConecChannelListenerAnnotationBeanPostProcessor;
import io.conec.spring.boot.autoconfigure.ConecClientAutoConfiguration;
import io.conec.spring.boot.autoconfigure.ConecCoordinatorAutoConfiguration;
import io.conec.spring.boot.autoconfigure.ConecProperties;
import io.conec.spring.listener.ConecListenerEndpointRegistry;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.messaging.converter.JacksonJsonMessageConverter;
import org.springframework.messaging.converter.MessageConverter;
import org.springframework.messaging.handler.invocation.InvocableHandlerMethod;
import tools.jackson.databind.json.JsonMapper;

/** {@link EnableAutoConfiguration Auto-configuration} for {@link ConecChannelListener} methods. */
@AutoConfiguration(
        after = {ConecClientAutoConfiguration.class, ConecCoordinatorAutoConfiguration.class},
        afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration")
@ConditionalOnClass(InvocableHandlerMethod.class)
@ConditionalOnProperty("conec.mode")
@ConditionalOnBean(ConecParty.class)
public final class ConecListenerAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    static ConecChannelListenerAnnotationBeanPostProcessor conecChannelListenerAnnotationBeanPostProcessor(
            ObjectProvider<ConecListenerEndpointRegistry> registry) {
        return new ConecChannelListenerAnnotationBeanPostProcessor(registry);
    }

    @Bean
    @ConditionalOnMissingBean
    ConecListenerEndpointRegistry conecListenerEndpointRegistry(
            ObjectProvider<ConecParty> parties,
            ObjectProvider<JsonPayloads> json,
            ConecProperties properties,
            BeanFactory beanFactory,
            Environment environment) {
        SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor("conec-listener-");
        executor.setVirtualThreads(Threading.VIRTUAL.isActive(environment));
        JsonPayloads payloads = json.getIfAvailable();
        return new ConecListenerEndpointRegistry(
                parties.orderedStream().toList(),
                payloads == null ? null : payloads.converter(),
                beanFactory,
                executor,
                properties.listener().autoStartup(),
                properties.shutdown().gracePeriod());
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
