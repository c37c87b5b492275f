package io.conec.spring.support.micrometer;

import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;

/** What is observed of a call of a listener method. The headers of the stream carry the sender's trace. */
public final class ConecListenerContext extends ReceiverContext<ConecStream> {
    private final String listener;
    private ErrorCode outcome = ErrorCode.NO_ERROR;

    /** A call of that listener for something of that stream. */
    public ConecListenerContext(String listener, ConecStream stream) {
        super((carrier, key) -> carrier.headers().get(key), Kind.SERVER);
        this.listener = listener;
        setCarrier(stream);
        setRemoteServiceName(stream.channel().peer());
    }

    /** The listener's id. */
    public String listener() {
        return listener;
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
