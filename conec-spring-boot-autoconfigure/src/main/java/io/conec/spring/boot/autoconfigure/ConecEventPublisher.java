package io.conec.spring.boot.autoconfigure;

import io.conec.ConecParty;
import io.conec.Registration;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.context.ApplicationEventPublisher;

/** Publishes each {@link io.conec.ConecEvent} as an application event, in order, on the party's executor. */
final class ConecEventPublisher implements DisposableBean {
    private final Registration registration;

    ConecEventPublisher(ConecParty party, ApplicationEventPublisher publisher) {
        this.registration = party.onEvent(publisher::publishEvent);
    }

    @Override
    public void destroy() {
        registration.close();
    }
}
