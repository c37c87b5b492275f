package io.conec.spring.boot.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;

/** The coordinator named by {@code conec.client.coordinator.*}. */
final class PropertiesConecClientConnectionDetails implements ConecClientConnectionDetails {
    private final ConecProperties.CoordinatorAddress coordinator;

    PropertiesConecClientConnectionDetails(ConecProperties.CoordinatorAddress coordinator) {
        this.coordinator = coordinator;
    }

    @Override
    public String getHost() {
        String host = coordinator.host();
        if (!StringUtils.hasText(host)) {
            throw new InvalidConecPropertyException(
                    "conec.client.coordinator.host",
                    "is missing",
                    "Set it to the host name of the coordinator that this client connects to.");
        }
        return host;
    }

    @Override
    public int getPort() {
        return coordinator.port();
    }

    @Override
    public @Nullable String getAddress() {
        return StringUtils.hasText(coordinator.address()) ? coordinator.address() : null;
    }

    @Override
    public @Nullable String getCertificateFingerprint() {
        return StringUtils.hasText(coordinator.certificateFingerprint()) ? coordinator.certificateFingerprint() : null;
    }
}
