package io.conec.sample.coordinator;

import io.conec.ConecChannel;
import io.conec.coordinator.ConecCoordinator;
import io.conec.spring.annotation.ConecChannelListener;
import java.util.List;
import org.springframework.stereotype.Component;

/** A coordinator has channels to its clients, with streams like any other: this one tells who is there. */
@Component
final class Attendance {
    private final ConecCoordinator coordinator;

    Attendance(ConecCoordinator coordinator) {
        this.coordinator = coordinator;
    }

    /** Any message is taken for the question. The answer goes back as JSON, on the same stream. */
    @ConecChannelListener(stream = "who")
    List<String> who(String question) {
        return coordinator.channels().stream().map(ConecChannel::peer).sorted().toList();
    }
}
