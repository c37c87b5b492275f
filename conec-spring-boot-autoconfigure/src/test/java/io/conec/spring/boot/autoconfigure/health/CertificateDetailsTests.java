package io.conec.spring.boot.autoconfigure.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ClientId;
import io.conec.security.CertificateAuthority;
import io.conec.security.Identity;
import io.conec.security.Validity;
import io.conec.spring.boot.autoconfigure.health.CertificateDetails.Details;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;

final class CertificateDetailsTests {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final Identity identity =
            Identity.generate(new ClientId("alice"), new Validity(START, START.plus(Duration.ofDays(100))));

    @ParameterizedTest
    @CsvSource({"0, VALID, UP", "85, VALID, UP", "87, EXPIRES_SOON, UP", "101, EXPIRED, OUT_OF_SERVICE"})
    void tellHowTheCertificateStands(int day, CertificateDetails.Validity validity, String status) {
        Health.Builder builder = Health.up();
        at(day).addTo(builder, identity);
        Health health = builder.build();
        assertThat(health.getStatus()).isEqualTo(new Status(status));
        assertThat(health.getDetails().get("certificate"))
                .isEqualTo(new Details(validity, START.plus(100, ChronoUnit.DAYS)));
    }

    @Test
    void theCertificateThatEndsFirstCounts() {
        CertificateAuthority authority =
                CertificateAuthority.create("authority", new Validity(START, START.plus(Duration.ofDays(50))));
        Identity issued =
                authority.issueClient(new ClientId("alice"), new Validity(START, START.plus(Duration.ofDays(40))));
        assertThat(at(0).of(issued).validUntil()).isEqualTo(START.plus(Duration.ofDays(40)));
    }

    private static CertificateDetails at(int day) {
        return new CertificateDetails(
                Duration.ofDays(14), Clock.fixed(START.plus(Duration.ofDays(day)), ZoneOffset.UTC));
    }
}
