package io.conec.sample.coordinator;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
class SampleCoordinatorApplication {
    public static void main(String[] args) {
        SpringApplication.run(SampleCoordinatorApplication.class, args);
    }
}
