package io.conec.spring.boot.autoconfigure;

import io.conec.ConecParty;
import io.conec.SharingExecutor;
import io.netty.util.Version;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ImportRuntimeHints;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for what coordinators and clients have in common. Binds the properties whatever
 * {@code conec.mode} says, so that a misspelt mode fails the start.
 */
@AutoConfiguration
@ConditionalOnClass(ConecParty.class)
@ConditionalOnProperty("conec.mode")
@EnableConfigurationProperties(ConecProperties.class)
@ImportRuntimeHints(ConecRuntimeHints.class)
public final class ConecAutoConfiguration {
    private static final Logger log = LoggerFactory.getLogger(ConecAutoConfiguration.class);
    private static final String THREAD_NAME_PREFIX = "conec-";

    ConecAutoConfiguration(ResourceLoader resources) {
        NettyVersionCheck.warning(Version.identify(resources.getClassLoader()).values())
                .ifPresent(log::warn);
    }

    @Bean
    @ConditionalOnMissingBean
    ConecThreads conecThreads(Environment environment) {
        if (Threading.VIRTUAL.isActive(environment)) {
            return new ConecThreads(new VirtualThreadTaskExecutor(THREAD_NAME_PREFIX), () -> {});
        }
        CustomizableThreadFactory threads = new CustomizableThreadFactory(THREAD_NAME_PREFIX);
        threads.setDaemon(true);
        ExecutorService pool = Executors.newCachedThreadPool(threads);
        return new ConecThreads(new SharingExecutor(pool), pool::shutdown);
    }

    // First, so that other customizers can choose another executor.

    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    CoordinatorConfigCustomizer conecThreadsCoordinatorConfigCustomizer(ConecThreads threads) {
        return builder -> builder.executor(threads.executor());
    }

    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    ClientConfigCustomizer conecThreadsClientConfigCustomizer(ConecThreads threads) {
        return builder -> builder.executor(threads.executor());
    }
}
