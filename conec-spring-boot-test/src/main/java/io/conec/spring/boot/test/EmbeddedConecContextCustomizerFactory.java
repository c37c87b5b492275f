package io.conec.spring.boot.test;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.MergedContextConfiguration;
import org.springframework.test.context.TestContextAnnotationUtils;

/** Adds what {@link EmbeddedConec} says to the application context of a test. */
final class EmbeddedConecContextCustomizerFactory implements ContextCustomizerFactory {
    @Override
    public @Nullable ContextCustomizer createContextCustomizer(
            Class<?> testClass, List<ContextConfigurationAttributes> configurationAttributes) {
        return TestContextAnnotationUtils.hasAnnotation(testClass, EmbeddedConec.class) ? new Customizer() : null;
    }

    /** A record, so that all tests with the annotation can share a context. */
    private record Customizer() implements ContextCustomizer {
        @Override
        public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration configuration) {
            if (!(context.getBeanFactory() instanceof BeanDefinitionRegistry registry)) {
                throw new IllegalStateException("@EmbeddedConec needs an application context with a registry of beans");
            }
            registry.registerBeanDefinition("embeddedConecCoordinator", definition(EmbeddedConecCoordinator.class));
            registry.registerBeanDefinition(
                    "embeddedConecConnectionDetails", definition(EmbeddedConnectionDetails.class));
            // Last: only what the application does not say itself.
            context.getEnvironment()
                    .getPropertySources()
                    .addLast(new MapPropertySource(
                            "embeddedConec",
                            Map.of(
                                    "conec.client.fail-fast",
                                    "true",
                                    "conec.client.bind-address",
                                    InetAddress.getLoopbackAddress().getHostAddress())));
        }

        private static RootBeanDefinition definition(Class<?> type) {
            RootBeanDefinition definition = new RootBeanDefinition(type);
            definition.setAutowireMode(RootBeanDefinition.AUTOWIRE_CONSTRUCTOR);
            return definition;
        }
    }
}
