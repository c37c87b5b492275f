package io.conec.spring.support.micrometer;

import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;

/** Low cardinality: the listener's id and the outcome. High cardinality, which is for traces only: the peer and the name of the stream, which the peer chose, or group. */
public final class DefaultConecListenerObservationConvention implements ConecListenerObservationConvention {
    @Override
    public String getContextualName(ConecListenerContext context) {
        return context.listener() + " receive";
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(ConecListenerContext context) {
        return KeyValues.of(KeyValue.of("listener", context.listener()), Outcomes.of(context.outcome()));
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(ConecListenerContext context) {
        return KeyValues.of(KeyValue.of("conec.peer", context.peer()), KeyValue.of("conec.stream", context.stream()));
    }
}
