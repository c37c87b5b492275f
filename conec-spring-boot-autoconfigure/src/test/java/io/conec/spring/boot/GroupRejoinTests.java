package io.conec.spring.boot;

import static io.conec.spring.boot.Streams.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.HostedGroup;
import io.conec.spring.annotation.ConecChannelListener;
import io.conec.spring.core.ConecTemplate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** A listener stays in its group, whatever becomes of the coordinator and of its membership. */
@ExtendWith(OutputCaptureExtension.class)
final class GroupRejoinTests {
    @TempDir
    private Path directory;

    private Applications applications;

    @BeforeEach
    void start() {
        applications = new Applications(directory);
    }

    @AfterEach
    void stop() {
        applications.close();
    }

    @Test
    void joinsWhenThereIsACoordinatorAndAgainWhenThatRestarts(CapturedOutput output) {
        ConecCoordinator first =
                applications.coordinator(PlainApplication.class).getBean(ConecCoordinator.class);
        int port = first.localAddress().getPort();
        String fingerprint = first.identity().fingerprint().value();
        first.close();
        ConfigurableApplicationContext bob = applications.client(
                "bob",
                port,
                fingerprint,
                Listening.class,
                "--conec.client.fail-fast=false",
                "--conec.client.reconnect.max-delay=200ms");
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(output).contains("joins group \"news\" when there is a connection"));

        for (int i = 1; i <= 2; i++) {
            ConfigurableApplicationContext again =
                    applications.coordinator(PlainApplication.class, "--conec.coordinator.port=" + port);
            await().atMost(Duration.ofSeconds(30)).until(() -> members(again, "news") == 1);
            again.getBean(ConecTemplate.class).sendToGroup("news", "edition " + i);
            String edition = "edition " + i;
            await().atMost(LIMIT)
                    .until(() -> bob.getBean(Listening.class).received.contains(edition));
            again.close();
        }
        assertThat(output).doesNotContain("cannot join group");
    }

    @Test
    void joinsAgainAfterItWasPutOutForBeingSlowOnceItHasCaughtUp(CapturedOutput output) {
        ConfigurableApplicationContext coordinator = applications.coordinator(PlainApplication.class);
        Listening bob = applications
                .client(
                        "bob",
                        coordinator.getBean(ConecCoordinator.class),
                        Listening.class,
                        "--conec.transport.receive-buffer-size=16KB",
                        "--conec.transport.stream-window-size=16KB",
                        "--conec.groups.slow.slow-receiver=disconnect",
                        "--conec.groups.slow.max-messages=1")
                .getBean(Listening.class);
        await().atMost(LIMIT).until(() -> members(coordinator, "slow") == 1);
        ConecTemplate template = coordinator.getBean(ConecTemplate.class);
        byte[] message = new byte[8 * 1024];
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(1)).untilAsserted(() -> {
            template.sendToGroup("slow", message);
            assertThat(output).contains("has ended, NOT_READING");
        });
        // Longer than it takes to join again: but it would only be put out once more, and a blocking one hold the
        // others up.
        await().during(Duration.ofSeconds(6))
                .atMost(Duration.ofSeconds(8))
                .until(() -> members(coordinator, "slow") == 0);
        bob.released.release(Integer.MAX_VALUE / 2);
        await().atMost(Duration.ofSeconds(30)).until(() -> members(coordinator, "slow") == 1);
        template.sendToGroup("slow", "again");
        await().atMost(LIMIT).until(() -> bob.received.contains("5 bytes"));
    }

    private static int members(ConfigurableApplicationContext coordinator, String group) {
        return coordinator.getBean(ConecCoordinator.class).hostedGroups().stream()
                .filter(hosted -> hosted.name().equals(group))
                .mapToInt(HostedGroup::receivers)
                .sum();
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class PlainApplication {}

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Listening {
        private final Queue<String> received = new ConcurrentLinkedQueue<>();
        private final Semaphore released = new Semaphore(0);

        @ConecChannelListener(group = "news")
        void news(String text) {
            received.add(text);
        }

        @ConecChannelListener(group = "slow")
        void slow(byte[] message) throws InterruptedException {
            released.acquire();
            received.add(message.length + " bytes");
        }
    }
}
