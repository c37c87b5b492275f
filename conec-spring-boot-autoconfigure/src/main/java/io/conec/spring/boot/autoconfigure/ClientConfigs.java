package io.conec.spring.boot.autoconfigure;

import io.conec.ConecException;
import io.conec.client.ClientConfig;
import io.conec.client.ReconnectPolicy;
import io.conec.security.Fingerprint;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.util.StringUtils;

/** Makes a {@link ClientConfig} of {@code conec.client.*} and {@code conec.transport.*}. */
final class ClientConfigs {
    private static final String PREFIX = "conec.client";

    private ClientConfigs() {}

    static ClientConfig of(
            ConecProperties properties,
            ConecClientConnectionDetails details,
            @Nullable SslBundles bundles,
            Stream<ClientConfigCustomizer> customizers) {
        ConecProperties.Client client = properties.client();
        Optional<TlsMaterial> material = TlsMaterial.of(PREFIX + ".ssl", client.ssl(), bundles);
        ClientConfig.Builder builder = builder(client, details)
                .coordinatorAddress(details.getAddress())
                .coordinatorPort(Ports.check(PREFIX + ".coordinator.port", details.getPort(), 1))
                .coordinatorTrust(coordinatorTrust(details, material))
                .peerTrust(PartyTrust.of(
                        PREFIX + ".peer.trust",
                        client.peer().trust(),
                        PREFIX + ".peer.ssl",
                        client.peer().ssl(),
                        bundles))
                .bindAddress(Ports.socketAddress(client.bindAddress(), PREFIX + ".bind-port", client.bindPort()))
                .connectTimeout(client.connectTimeout())
                .reconnect(reconnect(client.reconnect()))
                .transport(TransportConfigs.of(properties.transport()));
        Optional<Identity> identity = material.flatMap(TlsMaterial::identity);
        identity.ifPresent(builder::identity);
        customizers.forEach(customizer -> customizer.customize(builder));
        return ConfigErrors.naming(
                PREFIX,
                Map.of(
                        "coordinatorHost",
                        PREFIX + ".coordinator.host",
                        "coordinatorTrust",
                        PREFIX + ".ssl.bundle",
                        "peerTrust",
                        PREFIX + ".peer.trust"),
                builder::build);
    }

    private static ClientConfig.Builder builder(ConecProperties.Client client, ConecClientConnectionDetails details) {
        String id = client.id();
        if (!StringUtils.hasText(id)) {
            throw new InvalidConecPropertyException(
                    PREFIX + ".id",
                    "is missing",
                    "Set it to this client's own name: lower-case letters, digits and hyphens, in labels joined by dots.");
        }
        String host = details.getHost();
        try {
            return ClientConfig.builder(id, host);
        } catch (ConecException e) {
            throw new InvalidConecPropertyException(
                    PREFIX + ".id", "is invalid: " + e.getMessage(), "Choose another id.", e);
        }
    }

    private static Trust coordinatorTrust(ConecClientConnectionDetails details, Optional<TlsMaterial> material) {
        Optional<Trust> authorities = material.flatMap(TlsMaterial::trust);
        String fingerprint = details.getCertificateFingerprint();
        if (fingerprint == null) {
            return authorities.orElseGet(Trust::system);
        }
        String property = PREFIX + ".coordinator.certificate-fingerprint";
        if (authorities.isPresent()) {
            throw new InvalidConecPropertyException(
                    property,
                    "is set, and so is the trust store of the SSL bundle that " + PREFIX
                            + ".ssl.bundle names: each says" + " how to know the coordinator",
                    "Remove the fingerprint, or the bundle's trust store.");
        }
        try {
            return Trust.pinned(Fingerprint.parse(fingerprint));
        } catch (ConecException e) {
            throw new InvalidConecPropertyException(
                    property,
                    "is invalid: " + e.getMessage(),
                    "Copy the fingerprint from the coordinator's log, or from the output of"
                            + " \"openssl x509 -noout -fingerprint -sha256\".",
                    e);
        }
    }

    private static ReconnectPolicy reconnect(ConecProperties.Reconnect reconnect) {
        return ConfigErrors.naming(
                PREFIX + ".reconnect",
                Map.of(),
                () -> new ReconnectPolicy(
                        reconnect.initialDelay(), reconnect.maxDelay(), reconnect.multiplier(), reconnect.jitter()));
    }
}
