package io.conec.spring.support.micrometer;

import io.conec.ErrorCode;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import java.util.Map;
import java.util.Objects;

/** What is observed of a request, or of a stream that is opened through a template. Its carrier are the headers of the stream, which take the trace to the listener. */
public final class ConecRequestContext extends SenderContext<Map<String, String>> {
    private final String peer;
    private final String stream;
    private ErrorCode outcome = ErrorCode.NO_ERROR;

    /** A request to that stream of that peer, with these headers, which are added to. */
    public ConecRequestContext(String peer, String stream, Map<String, String> headers) {
        super((carrier, key, value) -> Objects.requireNonNull(carrier).put(key, value), Kind.CLIENT);
        this.peer = peer;
        this.stream = stream;
        setCarrier(headers);
        setRemoteServiceName(peer);
    }

    /** The peer's name. */
    public String peer() {
        return peer;
    }

    /** The stream's name. */
    public String stream() {
        return stream;
    }

    /** How it ended; {@link ErrorCode#NO_ERROR} until then. */
    public ErrorCode outcome() {
        return outcome;
    }

    /** It has ended so. */
    public void setOutcome(ErrorCode code) {
        outcome = code;
    }
}
