package io.conec.spring.listener;

import io.conec.ConecChannel;
import io.conec.ConecStream;
import java.util.HashMap;
import java.util.Map;
import org.springframework.messaging.MessageHeaders;

/** The headers that all messages of a stream have in common. Without id and timestamp, so that one instance does for all. */
final class StreamHeaders extends MessageHeaders {
    private static final long serialVersionUID = 1L;

    private StreamHeaders(Map<String, Object> headers) {
        super(headers, ID_VALUE_NONE, -1L);
    }

    static StreamHeaders of(ConecStream stream) {
        Map<String, Object> headers = new HashMap<>(stream.headers());
        // Messages are read as what the method takes, not as what the other side says they are.
        headers.remove(CONTENT_TYPE);
        headers.putAll(StreamHeaders.of(stream.channel()));
        headers.put(ConecHeaders.STREAM, stream);
        headers.put(ConecHeaders.STREAM_NAME, stream.name());
        return new StreamHeaders(headers);
    }

    static StreamHeaders of(ConecChannel channel) {
        return new StreamHeaders(Map.of(ConecHeaders.CHANNEL, channel, ConecHeaders.PEER, channel.peer()));
    }
}
