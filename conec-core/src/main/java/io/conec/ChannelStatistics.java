package io.conec;

import java.time.Duration;

/**
 * Counts of one channel since it opened. A snapshot; the fields are read one after the other.
 *
 * @param roundTrip QUIC's smoothed round trip time (RFC 9002, section 5.3); zero before the first sample
 * @param openStreams data streams open now, and requests that the other side has made
 * @param streamsOpened data streams opened so far by either side, and requests that the other side has made
 * @param messagesSent messages taken by QUIC
 * @param messagesReceived messages received whole
 * @param bytesSent payload bytes of the messages sent
 * @param bytesReceived payload bytes of the messages received
 */
public record ChannelStatistics(
        Duration roundTrip,
        int openStreams,
        long streamsOpened,
        long messagesSent,
        long messagesReceived,
        long bytesSent,
        long bytesReceived) {}
