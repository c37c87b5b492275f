package io.conec.benchmarks.system;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a stream is for. Its first message says so. */
public enum ServiceKind {
    /** Counts and checks messages. */
    SINK,
    /** Sends each message back. */
    ECHO,
    /** Answers one message and ends, in systems that have nothing better for requests. */
    REQUEST;

    /** The first message of such a stream. */
    public byte[] bytes() {
        return name().getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * The kind that has this first message.
     *
     * @throws IllegalArgumentException if none has
     */
    public static ServiceKind of(byte[] message) {
        return Arrays.stream(values())
                .filter(kind -> Arrays.equals(kind.bytes(), message))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("not the first message of a stream"));
    }
}
