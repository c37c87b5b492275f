package io.conec.spring.boot.autoconfigure;

import io.conec.security.Trust;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundles;

/** The trust in clients that a pair of properties says: which kind, and for a certificate authority the SSL bundle with it. */
final class PartyTrust {
    private PartyTrust() {}

    static Trust of(
            String trustProperty,
            ConecProperties.ClientTrust trust,
            String sslPrefix,
            ConecProperties.Ssl ssl,
            @Nullable SslBundles bundles) {
        Optional<TlsMaterial> material = TlsMaterial.of(sslPrefix, ssl, bundles);
        return switch (trust) {
            case SELF_SIGNED -> {
                if (material.isPresent()) {
                    throw new InvalidConecPropertyException(
                            sslPrefix + ".bundle",
                            "is set, but " + trustProperty + " is \"self-signed\", which asks no certificate authority",
                            "Set " + trustProperty + " to \"ca\", or remove " + sslPrefix + ".bundle.");
                }
                yield Trust.selfSigned();
            }
            case CA ->
                material.orElseThrow(() -> new InvalidConecPropertyException(
                                sslPrefix + ".bundle",
                                "is missing, but " + trustProperty + " is \"ca\"",
                                "Set it to the name of an SSL bundle whose trust store holds the certificate authority,"
                                        + " or set " + trustProperty + " to \"self-signed\"."))
                        .requiredTrust();
        };
    }
}
