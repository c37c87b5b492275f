package io.conec.sample.coordinator;

import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import java.time.Instant;
import org.springframework.stereotype.Component;

/** A coordinator has channels to its clients, with streams like any other: this one answers requests about itself. */
@Component
final class About {
    private final Instant startedAt = Instant.now();
    private final ConecCoordinator coordinator;

    About(ConecCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    /**
     * The answer, which goes back as JSON.
     *
     * @param name the coordinator's host name
     * @param startedAt since when it runs
     * @param clients how many clients are connected
     */
    record Answer(String name, Instant startedAt, int clients) {}

    /** Any message is taken for the question. */
    @ConecChannelListener(stream = "about")
    Answer about(byte[] question) {
        return new Answer(
                coordinator.name(), startedAt, coordinator.statistics().clients());
    }
}
