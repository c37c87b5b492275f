package io.conec.spring.support.micrometer;

import io.conec.ErrorCode;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;
import java.util.Map;

/** What is observed of a call of a listener method. Its carrier are the headers of the stream, which bring the sender's trace; messages of groups have none. */
public final class ConecListenerContext extends ReceiverContext<Map<String, String>> {
    private final String listener;
    private final String peer;
    private final String stream;
    private ErrorCode outcome = ErrorCode.NO_ERROR;

    /** A call of that listener for something that this peer sent to this stream or group. */
    public ConecListenerContext(String listener, String peer, String stream, Map<String, String> headers) {
        super(Map::get, Kind.SERVER);
        this.listener = listener;
        this.peer = peer;
        this.stream = stream;
        setCarrier(headers);
        setRemoteServiceName(peer);
    }

    /** The listener's id. */
    public String listener() {
        return listener;
    }

    /** Who sent it. */
    public String peer() {
        return peer;
    }

    /** The name of the stream or group. */
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
