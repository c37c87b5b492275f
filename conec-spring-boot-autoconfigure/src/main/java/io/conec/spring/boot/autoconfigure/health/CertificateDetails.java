package io.conec.spring.boot.autoconfigure.health;

import io.conec.security.Identity;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import org.springframework.boot.health.contributor.Health;

/** Until when a party's certificates are valid: the one of its chain that ends first counts. */
final class CertificateDetails {
    /** How the certificates stand. */
    enum Validity {
        VALID,
        /** Sooner than the threshold. */
        EXPIRES_SOON,
        /** Connections that exist go on, new ones fail. */
        EXPIRED
    }

    /**
     * What health shows.
     *
     * @param validity how they stand
     * @param validUntil when the first of them expires
     */
    record Details(Validity validity, Instant validUntil) {}

    private final Duration threshold;
    private final Clock clock;

    CertificateDetails(Duration threshold, Clock clock) {
        this.threshold = threshold;
        this.clock = clock;
    }

    /** Adds the details; out of service if a certificate has expired. */
    void addTo(Health.Builder builder, Identity identity) {
        Details details = of(identity);
        builder.withDetail("certificate", details);
        if (details.validity() == Validity.EXPIRED) {
            builder.outOfService();
        }
    }

    Details of(Identity identity) {
        Instant end = identity.chain().stream()
                .map(X509Certificate::getNotAfter)
                .min(Comparator.naturalOrder())
                .orElseThrow()
                .toInstant();
        Instant now = clock.instant();
        Validity validity = now.isAfter(end)
                ? Validity.EXPIRED
                : now.plus(threshold).isAfter(end) ? Validity.EXPIRES_SOON : Validity.VALID;
        return new Details(validity, end);
    }
}
