package io.conec.spring.listener;

import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.Registration;
import io.conec.spring.support.ConecPeer;
import io.conec.spring.support.micrometer.ConecListenerContext;
import io.conec.spring.support.micrometer.ConecListenerObservationConvention;
import io.conec.spring.support.micrometer.DefaultConecListenerObservationConvention;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What surrounds one call of a listener method: its observation, and what is bound to the thread meanwhile. */
final class CallContext {
    private static final Logger log = LoggerFactory.getLogger(CallContext.class);
    private static final ConecListenerObservationConvention DEFAULT_CONVENTION =
            new DefaultConecListenerObservationConvention();

    private final ConecPeer peer;
    private final List<ConecListenerThreadContext> threadContexts;
    private final Observation observation;

    private CallContext(ConecPeer peer, List<ConecListenerThreadContext> threadContexts, Observation observation) {
        this.peer = peer;
        this.threadContexts = threadContexts;
        this.observation = observation;
    }

    /** Makes the contexts of one listener's calls. An observation that cannot begin is logged, and the call goes on without it. */
    static final class Factory {
        private final String listener;
        private final List<ConecListenerThreadContext> threadContexts;
        private final ObservationRegistry registry;
        private final @Nullable ConecListenerObservationConvention convention;

        Factory(String listener, ConecListenerConfig config) {
            this.listener = listener;
            this.threadContexts = config.threadContexts();
            this.registry = config.observationRegistry();
            this.convention = config.observationConvention();
        }

        /** For a call about something of a stream. */
        CallContext of(ConecStream stream, ConecPeer sender) {
            return of(sender, stream.name(), stream.headers());
        }

        /** For a call about something of that stream or group: begins the observation. */
        CallContext of(ConecPeer sender, String source, Map<String, String> headers) {
            return new CallContext(sender, threadContexts, start(sender, source, headers));
        }

        private Observation start(ConecPeer sender, String source, Map<String, String> headers) {
            try {
                return Observation.createNotStarted(
                                convention,
                                DEFAULT_CONVENTION,
                                () -> new ConecListenerContext(listener, sender.name(), source, headers),
                                registry)
                        .start();
            } catch (RuntimeException e) {
                log.error("A call of listener {} cannot be observed", listener, e);
                return Observation.NOOP;
            }
        }

        /** For a call about a channel, which is not observed: it has no sender. */
        CallContext of(ConecPeer sender) {
            return new CallContext(sender, threadContexts, Observation.NOOP);
        }
    }

    /** Calls this with the context bound to the thread. Throws what that or the binding throws; what cannot be taken off the thread is logged. */
    <T extends @Nullable Object> T within(Supplier<T> call) {
        if (threadContexts.isEmpty() && observation.isNoop()) {
            return call.get();
        }
        Deque<Registration> bound = new ArrayDeque<>(threadContexts.size() + 1);
        try {
            Observation.Scope scope = observation.openScope();
            bound.push(scope::close);
            for (ConecListenerThreadContext context : threadContexts) {
                bound.push(context.bind(peer));
            }
            return call.get();
        } finally {
            bound.forEach(CallContext::unbind);
        }
    }

    private static void unbind(Registration bound) {
        try {
            bound.close();
        } catch (RuntimeException e) {
            log.error("What was bound to the thread of a listener cannot be taken off it", e);
        }
    }

    /** What its reactive result finds in the Reactor context. */
    Map<Object, Object> reactorContext() {
        Map<Object, Object> all = new HashMap<>();
        threadContexts.forEach(context -> all.putAll(context.reactorContext(peer)));
        return all;
    }

    /** The call and what followed from it are over. */
    void end() {
        stop();
    }

    /** They have failed; with {@link ErrorCode#CANCELLED} if nobody waits for them any more. */
    void end(ErrorCode code, Throwable failure) {
        if (observation.getContext() instanceof ConecListenerContext context) {
            context.setOutcome(code);
        }
        if (code != ErrorCode.CANCELLED) {
            observation.error(failure);
        }
        stop();
    }

    private void stop() {
        try {
            observation.stop();
        } catch (RuntimeException e) {
            log.error("The observation of a listener's call cannot be ended", e);
        }
    }
}
