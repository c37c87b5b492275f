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

    /**
     * A reason as it is sent, and as it is taken from others: what could forge or garble a line of a log (controls, line and paragraph separators, invisible
     * formatting such as changes of direction, lone surrogates) is written as {@code \\}{@code uXXXX}; then it is cut, between two characters.
     */
    public static String reason(String text) {
        StringBuilder reason = new StringBuilder();
        text.codePoints().limit(MAX_REASON).forEach(c -> {
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE -> reason.append(String.format("\\u%04x", c));
                default -> reason.appendCodePoint(c);
            }
        });
        if (reason.length() > MAX_REASON) {
            boolean between = !Character.isHighSurrogate(reason.charAt(MAX_REASON - 1));
            reason.setLength(between ? MAX_REASON : MAX_REASON - 1);
        }
        return reason.toString();
    }

    /** The error code of that number; a number of a later version becomes {@link ErrorCode#INTERNAL_ERROR}. */
    public static ErrorCode errorCode(long code) {
        return ErrorCode.of(code).orElse(ErrorCode.INTERNAL_ERROR);
    }
}
