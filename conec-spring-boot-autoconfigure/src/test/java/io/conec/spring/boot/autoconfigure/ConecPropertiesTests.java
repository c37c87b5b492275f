package io.conec.spring.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.conec.CongestionControl;
import io.conec.TransportConfig;
import io.conec.client.ClientConfig;
import io.conec.client.ReconnectPolicy;
import io.conec.coordinator.Access;
import io.conec.coordinator.AccessKind;
import io.conec.coordinator.AccessPolicy;
import io.conec.coordinator.AccessRule;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.coordinator.GroupLimits;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.BindException;

final class ConecPropertiesTests {
    @TempDir
    private Path directory;

    @Test
    void haveTheCoresDefaultsForTheClient() {
        ClientConfig config = new Configs(directory).client("conec.client.id=a", "conec.client.coordinator.host=b");
        assertThat(config)
                .usingRecursiveComparison()
                .ignoringFields("acceptsPeer")
                .isEqualTo(ClientConfig.builder("a", "b").build());
    }

    @Test
    void haveTheCoresDefaultsForTheCoordinator() {
        CoordinatorConfig config = new Configs(directory)
                .coordinator("conec.coordinator.development-certificate.directory=" + directory.resolve("made"));
        assertThat(config)
                .isEqualTo(CoordinatorConfig.builder(config.identity()).build());
    }

    @Test
    void mapEverySettingOfTheTransport() {
        TransportConfig config = TransportConfigs.of(Configs.properties(
                        "conec.transport.congestion-control=bbr",
                        "conec.transport.initial-window-packets=20",
                        "conec.transport.idle-timeout=40s",
                        "conec.transport.keep-alive-interval=6s",
                        "conec.transport.handshake-timeout=7s",
                        "conec.transport.request-timeout=8s",
                        "conec.transport.max-message-size=1MB",
                        "conec.transport.max-header-size=2KB",
                        "conec.transport.max-streams=3",
                        "conec.transport.receive-buffer-size=4KB",
                        "conec.transport.send-buffer-size=5KB",
                        "conec.transport.stream-window-size=60KB",
                        "conec.transport.connection-window-size=70KB",
                        "conec.transport.socket-buffer-size=80KB",
                        "conec.transport.native-transport=false")
                .transport());
        assertThat(config)
                .isEqualTo(new TransportConfig(
                        CongestionControl.BBR,
                        20,
                        Duration.ofSeconds(40),
                        Duration.ofSeconds(6),
                        Duration.ofSeconds(7),
                        Duration.ofSeconds(8),
                        1024 * 1024,
                        2 * 1024,
                        3,
                        4 * 1024,
                        5 * 1024,
                        60 * 1024,
                        70 * 1024,
                        80 * 1024,
                        false));
    }

    @Test
    void mapEverySettingOfTheClient() {
        ClientConfig config = new Configs(directory)
                .client(
                        "conec.client.id=a",
                        "conec.client.coordinator.host=b",
                        "conec.client.coordinator.port=1",
                        "conec.client.coordinator.address=127.0.0.9",
                        "conec.client.bind-address=127.0.0.1",
                        "conec.client.bind-port=2",
                        "conec.client.connect-timeout=3s",
                        "conec.client.attributes.version=1.2",
                        "conec.client.attributes.[printer.colour]=yes",
                        "conec.client.watch-presence=true",
                        "conec.client.reconnect.initial-delay=4s",
                        "conec.client.reconnect.max-delay=5s",
                        "conec.client.reconnect.multiplier=6",
                        "conec.client.reconnect.jitter=0.7");
        assertThat(config)
                .usingRecursiveComparison()
                .ignoringFields("acceptsPeer")
                .isEqualTo(ClientConfig.builder("a", "b")
                        .coordinatorPort(1)
                        .coordinatorAddress("127.0.0.9")
                        .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 2))
                        .connectTimeout(Duration.ofSeconds(3))
                        .attributes(Map.of("version", "1.2", "printer.colour", "yes"))
                        .watchPresence(true)
                        .reconnect(new ReconnectPolicy(Duration.ofSeconds(4), Duration.ofSeconds(5), 6, 0.7))
                        .build());
    }

    @Test
    void mapEverySettingOfTheCoordinator() throws Exception {
        Configs configs = new Configs(directory);
        Identity identity = Identity.generateForHosts(List.of("localhost"));
        configs.bundle("server", identity);
        CoordinatorConfig config = configs.coordinator(
                "conec.coordinator.address=127.0.0.1",
                "conec.coordinator.port=1",
                "conec.coordinator.ssl.bundle=server",
                "conec.coordinator.stateless-retry=true",
                "conec.coordinator.max-clients=2",
                "conec.coordinator.max-handshakes=3",
                "conec.coordinator.max-channels-per-client=4",
                "conec.coordinator.introductions-per-second=5",
                "conec.coordinator.relay-bytes-per-second=6MB",
                "conec.coordinator.relay-threads=11",
                "conec.coordinator.default-policy=deny",
                "conec.coordinator.rules[0].access=deny",
                "conec.coordinator.rules[0].from=guest-*",
                "conec.coordinator.rules[0].to=bank",
                "conec.coordinator.rules[1].access=allow",
                "conec.coordinator.rules[1].kinds=connect,open-stream",
                "conec.coordinator.rules[2].access=allow",
                "conec.coordinator.rules[2].kinds=join",
                "conec.coordinator.rules[2].group=news",
                "conec.coordinator.group-limits.max-groups=7",
                "conec.coordinator.group-limits.max-members=8",
                "conec.coordinator.group-limits.max-queued-size=9MB",
                "conec.coordinator.group-limits.max-block=10s");
        assertThat(config.identity().fingerprint()).isEqualTo(identity.fingerprint());
        assertThat(config)
                .isEqualTo(CoordinatorConfig.builder(config.identity())
                        .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))
                        .clientTrust(Trust.selfSigned())
                        .statelessRetry(true)
                        .maxClients(2)
                        .maxHandshakes(3)
                        .maxChannelsPerClient(4)
                        .introductionsPerSecond(5)
                        .relayBytesPerSecond(6 * 1024 * 1024)
                        .relayThreads(11)
                        .access(new AccessPolicy(
                                List.of(
                                        new AccessRule(Access.DENY, Set.of(), "guest-*", "bank", null, null),
                                        new AccessRule(
                                                Access.ALLOW,
                                                Set.of(AccessKind.CONNECT, AccessKind.OPEN_STREAM),
                                                "*",
                                                null,
                                                null,
                                                null),
                                        new AccessRule(Access.ALLOW, Set.of(AccessKind.JOIN), "*", null, null, "news")),
                                null,
                                Access.DENY))
                        .groups(new GroupLimits(7, 8, 9 * 1024 * 1024, Duration.ofSeconds(10)))
                        .build());
    }

    @Test
    void nameTheModesWhenOneIsMisspelt() {
        assertThatExceptionOfType(BindException.class)
                .isThrownBy(() -> Configs.properties("conec.mode=cleint"))
                .satisfies(e -> assertThat(e.getName()).hasToString("conec.mode"));
    }
}
