package io.conec.spring.boot.autoconfigure.health;

import io.conec.coordinator.ConecCoordinator;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Up while the coordinator runs and its certificate is valid, else out of service. */
final class ConecCoordinatorHealthIndicator extends AbstractHealthIndicator {
    private final ConecCoordinator coordinator;
    private final CertificateDetails certificates;

    ConecCoordinatorHealthIndicator(ConecCoordinator coordinator, CertificateDetails certificates) {
        super("conec health check failed");
        this.coordinator = coordinator;
        this.certificates = certificates;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        builder.withDetail("mode", "coordinator");
        if (coordinator.isRunning()) {
            builder.up()
                    .withDetail("address", Addresses.text(coordinator.localAddress()))
                    .withDetail("clients", coordinator.statistics().clients());
        } else {
            builder.outOfService();
        }
        certificates.addTo(builder, coordinator.identity());
    }
}
