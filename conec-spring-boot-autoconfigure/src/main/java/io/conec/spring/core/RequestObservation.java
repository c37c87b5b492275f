package io.conec.spring.core;

import io.conec.ConecException;
import io.conec.ErrorCode;
import io.conec.spring.support.micrometer.ConecRequestContext;
import io.conec.spring.support.micrometer.ConecRequestObservationConvention;
import io.conec.spring.support.micrometer.DefaultConecRequestObservationConvention;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.springframework.messaging.converter.MessageConversionException;

/** The observation of one request. Adds the trace to the headers that its stream is opened with. */
final class RequestObservation {
    private static final ConecRequestObservationConvention DEFAULT_CONVENTION =
            new DefaultConecRequestObservationConvention();

    private final ConecRequestContext context;
    private final Observation observation;

    private RequestObservation(ConecRequestContext context, Observation observation) {
        this.context = context;
        this.observation = observation;
    }

    /** @param parent what the request is part of; null for what the current thread is in */
    static RequestObservation start(
            ObservationRegistry registry,
            @Nullable ConecRequestObservationConvention convention,
            String peer,
            String stream,
            Map<String, String> headers,
            @Nullable Observation parent) {
        ConecRequestContext context = new ConecRequestContext(peer, stream, headers);
        Observation observation = Observation.createNotStarted(convention, DEFAULT_CONVENTION, () -> context, registry);
        if (parent != null) {
            observation.parentObservation(parent);
        }
        return new RequestObservation(context, observation.start());
    }

    /** The request is over: null for no failure. */
    void end(@Nullable Throwable failure) {
        if (failure != null) {
            ErrorCode code = code(failure);
            context.setOutcome(code);
            if (code != ErrorCode.CANCELLED) {
                observation.error(failure);
            }
        }
        observation.stop();
    }

    private static ErrorCode code(Throwable failure) {
        if (failure instanceof ConecException known) {
            return known.code();
        }
        if (failure instanceof CancellationException) {
            return ErrorCode.CANCELLED;
        }
        return failure instanceof MessageConversionException ? ErrorCode.CONVERSION_FAILED : ErrorCode.INTERNAL_ERROR;
    }
}
