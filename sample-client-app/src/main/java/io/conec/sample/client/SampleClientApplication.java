package io.conec.sample.client;

import io.conec.spring.service.ConecServiceProxyFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * A client that sends files and chat lines to other clients by name. The handlers are in {@link FileReceiver} and
 * {@link Chat}.
 */
@SpringBootApplication(proxyBeanMethods = false)
@ConfigurationPropertiesScan
class SampleClientApplication {
    public static void main(String[] args) {
        ConfigurableApplicationContext context = SpringApplication.run(SampleClientApplication.class, args);
        boolean quit = context.getBean(Commands.class).read(System.in);
        if (quit) {
            context.close();
        }
        // Without input the application goes on: it still receives, until it is told to stop.
    }

    @Bean
    Coordinator coordinator(ConecServiceProxyFactory factory) {
        return factory.createClient(Coordinator.class);
    }
}
