package io.conec.spring.boot.context;

import io.conec.coordinator.ConecCoordinator;
import org.springframework.context.ApplicationContext;
import org.springframework.context.event.ApplicationContextEvent;

/** An auto-configured coordinator listens. Published once each time that it is started. */
public final class ConecCoordinatorStartedEvent extends ApplicationContextEvent {
    private static final long serialVersionUID = 1L;

    private final transient ConecCoordinator coordinator;

    /** An event of the context that the coordinator belongs to. */
    public ConecCoordinatorStartedEvent(ConecCoordinator coordinator, ApplicationContext context) {
        super(context);
        this.coordinator = coordinator;
    }

    /** The coordinator. */
    public ConecCoordinator coordinator() {
        return coordinator;
    }
}
