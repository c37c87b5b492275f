package io.conec.spring.support.micrometer;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;

/** Low cardinality: the stream's name, which this application chose, and the outcome. High cardinality, which is for traces only: the peer. */
public final class DefaultConecRequestObservationConvention implements ConecRequestObservationConvention {
    @Override
    public String getContextualName(ConecRequestContext context) {
        return context.stream() + " request";
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(ConecRequestContext context) {
        return KeyValues.of(KeyValue.of("stream", context.stream()), Outcomes.of(context.outcome()));
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(ConecRequestContext context) {
        return KeyValues.of("conec.peer", context.peer());
    }
}
