package io.conec.sample.client;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A client that sends files and chat lines to other clients by name. The handlers are in {@link FileReceiver} and
 * {@link Chat}.
 */
@SpringBootApplication
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
}
