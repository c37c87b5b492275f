package io.conec.sample.coordinator;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** A coordinator. Introducing clients and relaying for them needs no code: the starter and {@code conec.mode} do it. */
@SpringBootApplication
class SampleCoordinatorApplication {
    public static void main(String[] args) {
        SpringApplication.run(SampleCoordinatorApplication.class, args);
    }
}
