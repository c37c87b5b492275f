package io.conec.spring.boot.autoconfigure;

import io.conec.ConecException;
import io.conec.coordinator.ConecAuthorizer;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.coordinator.GroupLimits;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.ssl.SslBundles;

/** Makes a {@link CoordinatorConfig} of {@code conec.coordinator.*} and {@code conec.transport.*}. */
final class CoordinatorConfigs {
    private static final Logger log = LoggerFactory.getLogger(CoordinatorConfigs.class);
    private static final String PREFIX = "conec.coordinator";

    private CoordinatorConfigs() {}

    static CoordinatorConfig of(
            ConecProperties properties,
            @Nullable SslBundles bundles,
            @Nullable ConecAuthorizer authorizer,
            Stream<CoordinatorConfigCustomizer> customizers) {
        ConecProperties.Coordinator coordinator = properties.coordinator();
        Trust clientTrust = PartyTrust.of(
                PREFIX + ".client-trust",
                coordinator.clientTrust(),
                PREFIX + ".client-ssl",
                coordinator.clientSsl(),
                bundles);
        CoordinatorConfig.Builder builder = CoordinatorConfig.builder(identity(coordinator, bundles))
                .bindAddress(Ports.socketAddress(coordinator.address(), PREFIX + ".port", coordinator.port()))
                .clientTrust(clientTrust)
                .statelessRetry(coordinator.statelessRetry())
                .maxClients(coordinator.maxClients())
                .maxHandshakes(coordinator.maxHandshakes())
                .maxChannelsPerClient(coordinator.maxChannelsPerClient())
                .introductionsPerSecond(coordinator.introductionsPerSecond())
                .relayBytesPerSecond(coordinator.relayBytesPerSecond().toBytes())
                .access(AccessPolicies.of(coordinator, authorizer))
                .groups(groupLimits(coordinator.groupLimits()))
                .transport(TransportConfigs.of(properties.transport()));
        if (coordinator.relayThreads() != null) {
            builder.relayThreads(coordinator.relayThreads());
        }
        customizers.forEach(customizer -> customizer.customize(builder));
        return ConfigErrors.naming(
                PREFIX, Map.of("relayBytesPerSecond", PREFIX + ".relay-bytes-per-second"), builder::build);
    }

    private static GroupLimits groupLimits(ConecProperties.GroupLimits limits) {
        String prefix = PREFIX + ".group-limits";
        int maxQueuedBytes = Sizes.bytes(prefix + ".max-queued-size", limits.maxQueuedSize());
        return ConfigErrors.naming(
                prefix,
                Map.of(
                        "groups.maxGroups", prefix + ".max-groups",
                        "groups.maxMembers", prefix + ".max-members",
                        "groups.maxQueuedBytes", prefix + ".max-queued-size",
                        "groups.maxBlock", prefix + ".max-block"),
                () -> new GroupLimits(limits.maxGroups(), limits.maxMembers(), maxQueuedBytes, limits.maxBlock()));
    }

    private static Identity identity(ConecProperties.Coordinator coordinator, @Nullable SslBundles bundles) {
        return TlsMaterial.of(PREFIX + ".ssl", coordinator.ssl(), bundles)
                .map(TlsMaterial::requiredIdentity)
                .orElseGet(() -> developmentCertificate(coordinator.developmentCertificate()));
    }

    private static Identity developmentCertificate(ConecProperties.DevelopmentCertificate settings) {
        Path directory = settings.directory() != null
                ? settings.directory()
                : Path.of(System.getProperty("user.home"), ".conec");
        List<String> hosts = settings.hosts().isEmpty() ? ownNames() : settings.hosts();
        Identity identity = loadOrCreate(directory, hosts);
        log.warn(
                "No certificate is configured ({}.ssl.bundle), so the coordinator uses the self-signed development certificate"
                        + " in {}. Clients have to be given its fingerprint:\n\n    conec.client.coordinator.certificate-fingerprint: {}\n",
                PREFIX,
                directory.toAbsolutePath(),
                identity.fingerprint().value());
        return identity;
    }

    private static Identity loadOrCreate(Path directory, List<String> hosts) {
        try {
            return Identity.loadOrCreate(directory, () -> Identity.generateForHosts(hosts));
        } catch (ConecException e) {
            throw new InvalidConecPropertyException(
                    PREFIX + ".development-certificate.directory",
                    "cannot be used: " + e.getMessage(),
                    "Choose a directory that the application can write to, or configure a certificate with " + PREFIX
                            + ".ssl.bundle.",
                    e);
        }
    }

    private static List<String> ownNames() {
        Set<String> names = new LinkedHashSet<>();
        try {
            String host = InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
            if (host.matches("[a-z0-9]([a-z0-9.-]*[a-z0-9])?")) {
                names.add(host);
            }
        } catch (UnknownHostException e) {
            log.debug("This machine's host name does not resolve; the development certificate does without it", e);
        }
        names.addAll(List.of("localhost", "127.0.0.1", "::1"));
        return new ArrayList<>(names);
    }
}
