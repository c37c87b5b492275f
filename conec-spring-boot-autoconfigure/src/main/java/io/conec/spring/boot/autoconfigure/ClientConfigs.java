package io.conec.spring.boot.autoconfigure;

import io.conec.ConecException;
import io.conec.client.ClientConfig;
import io.conec.client.ReconnectPolicy;
import io.conec.security.Fingerprint;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
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
                .path(client.path())
                .candidates(candidates(client.candidates()))
                .pathKeepAliveInterval(client.pathKeepAliveInterval())
                .connectTimeout(client.connectTimeout())
                .attributes(client.attributes())
                .watchPresence(client.watchPresence())
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
                        PREFIX + ".peer.trust",
                        "candidates",
                        PREFIX + ".candidates",
                        "pathKeepAliveInterval",
                        PREFIX + ".path-keep-alive-interval"),
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

    private static List<InetSocketAddress> candidates(List<String> addresses) {
        return addresses.stream().map(ClientConfigs::candidate).toList();
    }

    private static InetSocketAddress candidate(String address) {
        int colon = address.lastIndexOf(':');
        try {
            // IPv6 addresses stand in brackets (RFC 3986, section 3.2.2), which InetAddress takes off.
            InetAddress ip = InetAddress.getByName(address.substring(0, Math.max(0, colon)));
            return new InetSocketAddress(ip, Integer.parseInt(address.substring(colon + 1)));
        } catch (UnknownHostException | IllegalArgumentException e) {
            throw new InvalidConecPropertyException(
                    PREFIX + ".candidates",
                    "contains \"" + address + "\", which is no address with a port",
                    "Write addresses as 203.0.113.5:1720 or [2001:db8::5]:1720.",
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
