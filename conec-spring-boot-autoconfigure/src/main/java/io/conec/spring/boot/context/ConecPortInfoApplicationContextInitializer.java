package io.conec.spring.boot.context;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;

/**
 * Sets the property {@code local.conec.port} to the UDP port that the coordinator listens on, in the environment of its context and of that context's
 * parents. See {@link LocalConecPort}.
 */
public final class ConecPortInfoApplicationContextInitializer
        implements ApplicationContextInitializer<ConfigurableApplicationContext> {
    private static final String PROPERTY = "local.conec.port";

    // Where Boot keeps the ports of all its servers.
    private static final String PROPERTY_SOURCE = "server.ports";

    @Override
    public void initialize(ConfigurableApplicationContext context) {
        context.addApplicationListener(new PortListener());
    }

    private static void publish(@Nullable ApplicationContext context, int port) {
        for (ApplicationContext each = context; each != null; each = each.getParent()) {
            if (each instanceof ConfigurableApplicationContext configurable) {
                ports(configurable.getEnvironment().getPropertySources()).put(PROPERTY, port);
            }
        }
    }

    private static Map<String, Object> ports(MutablePropertySources sources) {
        if (sources.get(PROPERTY_SOURCE) instanceof MapPropertySource source) {
            return source.getSource();
        }
        MapPropertySource source = new MapPropertySource(PROPERTY_SOURCE, new HashMap<>());
        sources.addFirst(source);
        return source.getSource();
    }

    private static final class PortListener implements ApplicationListener<ConecCoordinatorStartedEvent> {
        @Override
        public void onApplicationEvent(ConecCoordinatorStartedEvent event) {
            publish(
                    event.getApplicationContext(),
                    event.coordinator().localAddress().getPort());
        }
    }
}
