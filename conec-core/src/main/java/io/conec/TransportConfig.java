package io.conec;

import java.time.Duration;

/**
 * Settings of the QUIC transport and the limits on what peers may make this side hold; alike for coordinator and client. Immutable; start from
 * {@link #DEFAULTS} and change what differs.
 *
 * @param congestionControl default {@link CongestionControl#BBR}, which was faster than CUBIC through the relay and under loss (docs/ARCHITECTURE.md)
 * @param initialWindowPackets QUIC's initial congestion window in packets (RFC 9002, section 7.2, recommends 10); with {@link CongestionControl#BBR} also the window that a
 *     connection never goes below, because quiche takes light load with a few lost packets for a narrow network (docs/ARCHITECTURE.md). Smaller for links of less than
 *     about 2 Mbit/s; default 64, at least 2, at most 1,000
 * @param idleTimeout a connection from which nothing was heard for this long is lost; default 30 s, at least 1 s
 * @param keepAliveInterval an idle connection sends something this often; default 5 s, shorter than the idle timeout
 * @param handshakeTimeout a handshake (TLS and hello) that takes longer is dropped; default 10 s
 * @param requestTimeout how long to wait for the other side's answer when a channel or stream is opened; default 10 s
 * @param maxMessageBytes the largest message sent or received; default 4 MiB, at most 1 GiB. The receiver holds one such message a stream while it arrives
 * @param maxHeaderBytes a stream's name and headers together, as they are sent: UTF-8, and a few bytes more for each; default 8 KiB, at most 60 KiB
 * @param maxStreams data streams that the other side may have open in one channel, and {@link ConecChannel#request requests} that share streams; default 1,000
 * @param receiveBufferBytes received messages waiting for the application, a stream; each counts 48 bytes more than its payload; default 1 MiB
 * @param sendBufferBytes messages waiting for QUIC, a stream; default 4 MiB
 * @param streamWindowBytes QUIC's initial flow control window a stream (RFC 9000, section 4.1), which is also what is held outside the heap for a stream that
 *     nobody reads; grows up to 16 MiB while it is read quickly; default 1 MiB
 * @param connectionWindowBytes QUIC's initial flow control window a connection; default 16 MiB
 * @param socketBufferBytes send and receive buffer of the UDP socket (the system may allow less); default 4 MiB
 * @param nativeTransport use epoll with segmentation offload (GSO and GRO) where the platform has it, instead of NIO; default true
 */
public record TransportConfig(
        CongestionControl congestionControl,
        int initialWindowPackets,
        Duration idleTimeout,
        Duration keepAliveInterval,
        Duration handshakeTimeout,
        Duration requestTimeout,
        int maxMessageBytes,
        int maxHeaderBytes,
        int maxStreams,
        int receiveBufferBytes,
        int sendBufferBytes,
        int streamWindowBytes,
        int connectionWindowBytes,
        int socketBufferBytes,
        boolean nativeTransport) {
    private static final int KIB = 1024;
    private static final int MIB = 1024 * KIB;

    /** The defaults named above. */
    public static final TransportConfig DEFAULTS = new TransportConfig(
            CongestionControl.BBR,
            64,
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            4 * MIB,
            8 * KIB,
            1_000,
            MIB,
            4 * MIB,
            MIB,
            16 * MIB,
            4 * MIB,
            true);

    /** @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION}, naming the setting */
    public TransportConfig {
        within(initialWindowPackets, 2, 1_000, "initialWindowPackets");
        positive(idleTimeout.minusMillis(999), "idleTimeout", "at least 1 s");
        positive(keepAliveInterval, "keepAliveInterval", "positive");
        positive(idleTimeout.minus(keepAliveInterval), "keepAliveInterval", "shorter than the idle timeout");
        positive(handshakeTimeout, "handshakeTimeout", "positive");
        positive(requestTimeout, "requestTimeout", "positive");
        within(maxMessageBytes, 1, 1 << 30, "maxMessageBytes");
        within(maxHeaderBytes, 64, 60 * KIB, "maxHeaderBytes");
        within(maxStreams, 1, 1_000_000, "maxStreams");
        within(receiveBufferBytes, 1, 1 << 30, "receiveBufferBytes");
        within(sendBufferBytes, 1, 1 << 30, "sendBufferBytes");
        within(streamWindowBytes, 16 * KIB, 1 << 30, "streamWindowBytes");
        within(connectionWindowBytes, 16 * KIB, 1 << 30, "connectionWindowBytes");
        within(socketBufferBytes, 64 * KIB, 1 << 30, "socketBufferBytes");
        if (connectionWindowBytes < streamWindowBytes) {
            throw invalid("connectionWindowBytes", "not smaller than streamWindowBytes");
        }
    }

    /** A builder that starts from these settings. */
    public Builder toBuilder() {
        return new Builder(this);
    }

    /** A builder that starts from the {@link #DEFAULTS}. */
    public static Builder builder() {
        return new Builder(DEFAULTS);
    }

    private static void positive(Duration value, String name, String rule) {
        if (value.isNegative() || value.isZero()) {
            throw invalid(name, rule);
        }
    }

    private static void within(int value, int least, int most, String name) {
        if (value < least || value > most) {
            throw invalid(name, "between " + least + " and " + most + ", it is " + value);
        }
    }

    private static ConecException invalid(String name, String rule) {
        return new ConecException(ErrorCode.INVALID_CONFIGURATION, name + " has to be " + rule);
    }

    /** Changes some settings. Not for several threads. */
    public static final class Builder {
        private CongestionControl congestionControl;
        private int initialWindowPackets;
        private Duration idleTimeout;
        private Duration keepAliveInterval;
        private Duration handshakeTimeout;
        private Duration requestTimeout;
        private int maxMessageBytes;
        private int maxHeaderBytes;
        private int maxStreams;
        private int receiveBufferBytes;
        private int sendBufferBytes;
        private int streamWindowBytes;
        private int connectionWindowBytes;
        private int socketBufferBytes;
        private boolean nativeTransport;

        private Builder(TransportConfig config) {
            congestionControl = config.congestionControl;
            initialWindowPackets = config.initialWindowPackets;
            idleTimeout = config.idleTimeout;
            keepAliveInterval = config.keepAliveInterval;
            handshakeTimeout = config.handshakeTimeout;
            requestTimeout = config.requestTimeout;
            maxMessageBytes = config.maxMessageBytes;
            maxHeaderBytes = config.maxHeaderBytes;
            maxStreams = config.maxStreams;
            receiveBufferBytes = config.receiveBufferBytes;
            sendBufferBytes = config.sendBufferBytes;
            streamWindowBytes = config.streamWindowBytes;
            connectionWindowBytes = config.connectionWindowBytes;
            socketBufferBytes = config.socketBufferBytes;
            nativeTransport = config.nativeTransport;
        }

        public Builder congestionControl(CongestionControl value) {
            congestionControl = value;
            return this;
        }

        public Builder initialWindowPackets(int value) {
            initialWindowPackets = value;
            return this;
        }

        public Builder idleTimeout(Duration value) {
            idleTimeout = value;
            return this;
        }

        public Builder keepAliveInterval(Duration value) {
            keepAliveInterval = value;
            return this;
        }

        public Builder handshakeTimeout(Duration value) {
            handshakeTimeout = value;
            return this;
        }

        public Builder requestTimeout(Duration value) {
            requestTimeout = value;
            return this;
        }

        public Builder maxMessageBytes(int value) {
            maxMessageBytes = value;
            return this;
        }

        public Builder maxHeaderBytes(int value) {
            maxHeaderBytes = value;
            return this;
        }

        public Builder maxStreams(int value) {
            maxStreams = value;
            return this;
        }

        public Builder receiveBufferBytes(int value) {
            receiveBufferBytes = value;
            return this;
        }

        public Builder sendBufferBytes(int value) {
            sendBufferBytes = value;
            return this;
        }

        public Builder streamWindowBytes(int value) {
            streamWindowBytes = value;
            return this;
        }

        public Builder connectionWindowBytes(int value) {
            connectionWindowBytes = value;
            return this;
        }

        public Builder socketBufferBytes(int value) {
            socketBufferBytes = value;
            return this;
        }

        public Builder nativeTransport(boolean value) {
            nativeTransport = value;
            return this;
        }

        public TransportConfig build() {
            return new TransportConfig(
                    congestionControl,
                    initialWindowPackets,
                    idleTimeout,
                    keepAliveInterval,
                    handshakeTimeout,
                    requestTimeout,
                    maxMessageBytes,
                    maxHeaderBytes,
                    maxStreams,
                    receiveBufferBytes,
                    sendBufferBytes,
                    streamWindowBytes,
                    connectionWindowBytes,
                    socketBufferBytes,
                    nativeTransport);
        }
    }
}
