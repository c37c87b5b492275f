package io.conec.spring.support.micrometer;

import io.conec.ConecStream;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;

/** Low cardinality: the listener's id and the outcome. High cardinality, which is for traces only: the peer and the stream's name, which the peer chose. */
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
        ConecStream stream = context.getCarrier();
        return stream == null
                ? KeyValues.empty()
                : KeyValues.of(
                        KeyValue.of("conec.peer", stream.channel().peer()), KeyValue.of("conec.stream", stream.name()));
    }
}
