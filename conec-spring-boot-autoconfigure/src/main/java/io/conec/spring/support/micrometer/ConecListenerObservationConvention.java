package io.conec.spring.support.micrometer;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/** Names and key values of the observations of listeners. A bean of this type replaces {@link DefaultConecListenerObservationConvention}. */
public interface ConecListenerObservationConvention extends ObservationConvention<ConecListenerContext> {
    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof ConecListenerContext;
    }

    @Override
    default String getName() {
        return "conec.listener";
    }
}
