package io.conec.spring.boot.autoconfigure;

import io.conec.ConecParty;
import io.netty.util.Version;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnThreading;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.task.VirtualThreadTaskExecutor;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for what coordinators and clients have in common. Binds the properties whatever
 * {@code conec.mode} says, so that a misspelt mode fails the start.
 */
@AutoConfiguration
@ConditionalOnClass(ConecParty.class)
@ConditionalOnProperty("conec.mode")
@EnableConfigurationProperties(ConecProperties.class)
public final class ConecAutoConfiguration {
    private static final Logger log = LoggerFactory.getLogger(ConecAutoConfiguration.class);

    ConecAutoConfiguration(ResourceLoader resources) {
        NettyVersionCheck.warning(Version.identify(resources.getClassLoader()).values())
                .ifPresent(log::warn);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnThreading(Threading.VIRTUAL)
    static class VirtualThreadsConfiguration {
        private static final String THREAD_NAME_PREFIX = "conec-";

        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE)
        CoordinatorConfigCustomizer conecVirtualThreadsCoordinatorConfigCustomizer() {
            return builder -> builder.executor(new VirtualThreadTaskExecutor(THREAD_NAME_PREFIX));
        }

        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE)
        ClientConfigCustomizer conecVirtualThreadsClientConfigCustomizer() {
            return builder -> builder.executor(new VirtualThreadTaskExecutor(THREAD_NAME_PREFIX));
        }
    }
}
