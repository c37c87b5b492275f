package io.conec.internal.protocol;

import io.conec.ErrorCode;

/** Names and limits of protocol conec/1. */
public final class Protocol {
    /** The application protocol in the TLS handshake (RFC 7301). */
    public static final String ALPN = "conec/1";

    /** The minor version spoken here. */
    public static final int MINOR_VERSION = 0;

    /** Largest control frame: a certificate takes about 1 KiB, so there is room to grow. */
    public static final int MAX_CONTROL_BYTES = 64 * 1024;

    /** Longest reason sent in a close or a reset, in characters. */
    public static final int MAX_REASON = 200;

    /** Name and version in the hellos. */
    private static final String SOFTWARE = "conec-java";

    private Protocol() {}

    /** What this side can do. */
    public static Version version() {
        return Version.newBuilder()
                .setMinor(MINOR_VERSION)
                .setSoftware(SOFTWARE)
                .build();
    }

    /** The reason, cut to what may be sent, between two characters. */
    public static String reason(String text) {
        if (text.length() <= MAX_REASON) {
            return text;
        }
        boolean between = !Character.isHighSurrogate(text.charAt(MAX_REASON - 1));
        return text.substring(0, between ? MAX_REASON : MAX_REASON - 1);
    }

    /** The error code of that number; a number of a later version becomes {@link ErrorCode#INTERNAL_ERROR}. */
    public static ErrorCode errorCode(long code) {
        return ErrorCode.of(code).orElse(ErrorCode.INTERNAL_ERROR);
    }
}
