package io.conec.spring.listener;

import io.conec.ConecChannel;
import io.conec.ConecGroup;
import io.conec.ConecParty;
import io.conec.ConecStream;
import io.conec.GroupMessage;
import io.conec.client.ConecClient;
import io.conec.spring.support.ConecHeaders;
import io.conec.spring.support.ConecPeer;
import io.conec.spring.support.PayloadConverter;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.messaging.MessageHeaders;
import org.springframework.util.InvalidMimeTypeException;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;

/** The headers that all messages of a stream have in common. Without id and timestamp, so that one instance does for all. */
final class StreamHeaders extends MessageHeaders {
    private static final long serialVersionUID = 1L;

    private StreamHeaders(Map<String, Object> headers) {
        super(headers, ID_VALUE_NONE, -1L);
    }

    static StreamHeaders of(ConecStream stream, ConecParty party) {
        Map<String, Object> headers = new HashMap<>(stream.headers());
        headers.remove(CONTENT_TYPE);
        // Also those that not every message has, so that none can be made up.
        headers.keySet().removeIf(name -> name.startsWith(ConecHeaders.PREFIX));
        String contentType = stream.headers().get(PayloadConverter.CONTENT_TYPE);
        if (contentType != null) {
            headers.put(CONTENT_TYPE, parsed(contentType));
        }
        headers.putAll(StreamHeaders.of(stream.channel(), party));
        headers.put(ConecHeaders.STREAM, stream);
        headers.put(ConecHeaders.STREAM_NAME, stream.name());
        return new StreamHeaders(headers);
    }

    static StreamHeaders of(ConecChannel channel, ConecParty party) {
        boolean coordinator = channel.kind() == ConecChannel.Kind.COORDINATOR && party instanceof ConecClient;
        return new StreamHeaders(Map.of(
                ConecHeaders.CHANNEL,
                channel,
                ConecHeaders.PEER,
                channel.peer(),
                ConecHeaders.SENDER,
                new ConecPeer(channel.peer(), coordinator)));
    }

    /** Of a message of a group. */
    static StreamHeaders of(GroupMessage message, ConecGroup group) {
        return new StreamHeaders(Map.of(
                ConecHeaders.GROUP,
                group,
                ConecHeaders.PEER,
                message.sender(),
                ConecHeaders.SENDER,
                new ConecPeer(message.sender(), message.fromCoordinator()),
                ConecHeaders.LOST_BEFORE,
                message.message().lostBefore()));
    }

    /** Who sends. */
    ConecPeer sender() {
        return (ConecPeer) Objects.requireNonNull(get(ConecHeaders.SENDER));
    }

    /** What the payloads are; null if that is not known. */
    @Nullable
    MimeType contentType() {
        return get(CONTENT_TYPE) instanceof MimeType type ? type : null;
    }

    /** Parsed once for all messages. What is malformed stays text, and fails the conversion of the first message. */
    private static Object parsed(String contentType) {
        try {
            return MimeTypeUtils.parseMimeType(contentType);
        } catch (InvalidMimeTypeException e) {
            return contentType;
        }
    }
}
