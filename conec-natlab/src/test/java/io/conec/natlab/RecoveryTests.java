package io.conec.natlab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Looks back on all faults of the other classes, so it comes last. */
@InLaboratory
@Order(Integer.MAX_VALUE)
final class RecoveryTests {
    @Test
    void relayedStreamsMoveAgainWithinFiveSeconds() {
        List<Duration> recoveries = Recoveries.sorted();

        assertThat(recoveries).isNotEmpty();
        Duration p99 = recoveries.get((int) Math.ceil(recoveries.size() * 0.99) - 1);
        System.out.printf(
                "recoveries: %d, p50 %d ms, p99 %d ms, longest %d ms%n",
                recoveries.size(),
                recoveries.get(recoveries.size() / 2).toMillis(),
                p99.toMillis(),
                recoveries.get(recoveries.size() - 1).toMillis());
        assertThat(p99).isLessThanOrEqualTo(Duration.ofSeconds(5));
    }
}
