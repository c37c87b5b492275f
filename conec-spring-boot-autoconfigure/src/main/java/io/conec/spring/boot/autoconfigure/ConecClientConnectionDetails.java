package io.conec.spring.boot.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;

/**
 * Where a client's coordinator is. A bean of this type takes the place of the properties {@code conec.client.coordinator.*}; tests use it to reach
 * a coordinator of their own.
 */
public interface ConecClientConnectionDetails extends ConnectionDetails {
    /** The host name that the coordinator's certificate has to name. */
    String getHost();

    /** The coordinator's UDP port. */
    int getPort();

    /** The host name or address to connect to if not that of the host; null by default. */
    default @Nullable String getAddress() {
        return null;
    }

    /** The SHA-256 fingerprint of the coordinator's certificate; null by default, for the usual check of name and issuer. */
    default @Nullable String getCertificateFingerprint() {
        return null;
    }
}
