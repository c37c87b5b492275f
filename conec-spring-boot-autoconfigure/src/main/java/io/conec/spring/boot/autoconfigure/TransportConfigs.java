package io.conec.spring.boot.autoconfigure;

import io.conec.TransportConfig;
import java.util.Map;
import org.springframework.util.unit.DataSize;

/** Makes a {@link TransportConfig} of {@code conec.transport.*}. */
final class TransportConfigs {
    private static final String PREFIX = "conec.transport";

    private TransportConfigs() {}

    static TransportConfig of(ConecProperties.Transport transport) {
        return ConfigErrors.naming(
                PREFIX,
                Map.of(),
                () -> TransportConfig.builder()
                        .congestionControl(transport.congestionControl())
                        .initialWindowPackets(transport.initialWindowPackets())
                        .idleTimeout(transport.idleTimeout())
                        .keepAliveInterval(transport.keepAliveInterval())
                        .handshakeTimeout(transport.handshakeTimeout())
                        .requestTimeout(transport.requestTimeout())
                        .maxMessageBytes(bytes("max-message-size", transport.maxMessageSize()))
                        .maxHeaderBytes(bytes("max-header-size", transport.maxHeaderSize()))
                        .maxStreams(transport.maxStreams())
                        .receiveBufferBytes(bytes("receive-buffer-size", transport.receiveBufferSize()))
                        .sendBufferBytes(bytes("send-buffer-size", transport.sendBufferSize()))
                        .streamWindowBytes(bytes("stream-window-size", transport.streamWindowSize()))
                        .connectionWindowBytes(bytes("connection-window-size", transport.connectionWindowSize()))
                        .socketBufferBytes(bytes("socket-buffer-size", transport.socketBufferSize()))
                        .nativeTransport(transport.nativeTransport())
                        .build());
    }

    private static int bytes(String name, DataSize size) {
        return Sizes.bytes(PREFIX + "." + name, size);
    }
}
