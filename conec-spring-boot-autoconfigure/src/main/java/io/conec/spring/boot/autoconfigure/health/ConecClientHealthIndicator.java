package io.conec.spring.boot.autoconfigure.health;

import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.client.ClientStatus;
import io.conec.client.ConecClient;
import java.util.List;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** Up while the client is connected to its coordinator, out of service while it is stopped or its certificate has expired, else down. Passive: sends nothing. */
final class ConecClientHealthIndicator extends AbstractHealthIndicator {
    private final ConecClient client;
    private final CertificateDetails certificates;

    ConecClientHealthIndicator(ConecClient client, CertificateDetails certificates) {
        super("conec health check failed");
        this.client = client;
        this.certificates = certificates;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        ClientStatus status = client.status();
        switch (status.state()) {
            case CONNECTED -> builder.up();
            case CONNECTING, WAITING -> builder.down();
            case STOPPED -> builder.outOfService();
        }
        certificates.addTo(builder, client.identity());
        List<ConecChannel> channels = client.channels();
        builder.withDetail("mode", "client")
                .withDetail("state", status.state())
                .withDetail("since", status.since())
                .withDetail(
                        "coordinator",
                        status.coordinator() != null
                                ? Addresses.text(status.coordinator())
                                : client.config().coordinatorHost() + ":"
                                        + client.config().coordinatorPort())
                .withDetail("channels", channels.size())
                .withDetail(
                        "streams",
                        channels.stream()
                                .mapToInt(channel -> channel.statistics().openStreams())
                                .sum())
                .withDetail("reconnects", status.reconnects())
                .withDetail("natMapping", status.natMapping());
        ConecException lastError = status.lastError();
        if (lastError != null) {
            builder.withDetail("lastError", lastError.code() + ": " + lastError.getMessage());
        }
    }
}
