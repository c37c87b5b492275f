package io.conec.spring.support.micrometer;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;

/** Names and key values of the observations of requests. A bean of this type replaces {@link DefaultConecRequestObservationConvention}. */
public interface ConecRequestObservationConvention extends ObservationConvention<ConecRequestContext> {
    @Override
    default boolean supportsContext(Observation.Context context) {
        return context instanceof ConecRequestContext;
    }

    @Override
    default String getName() {
        return "conec.request";
    }
}
