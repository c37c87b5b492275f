package io.conec.internal.protocol;

import io.conec.ConecException;
import io.conec.ErrorCode;
import java.util.List;

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

    /** Longest name of a group, in characters. */
    public static final int MAX_GROUP_NAME = 200;

    /** In a coordinator's hello: it hosts groups. */
    public static final String GROUPS = "groups";

    /** In a coordinator's hello: it tells clients which others are connected. */
    public static final String PRESENCE = "presence";

    /** In a coordinator's hello: it takes new certificates of clients that are connected. */
    public static final String RENEWAL = "renewal";

    /** The name of streams that carry requests. */
    public static final String REQUESTS = "requests";

    /** Name and version in the hellos. */
    private static final String SOFTWARE = "conec-java";

    private Protocol() {}

    /** What this side can do, besides the minor version. */
    public static Version version(String... features) {
        return Version.newBuilder()
                .setMinor(MINOR_VERSION)
                .addAllFeatures(List.of(features))
                .setSoftware(SOFTWARE)
                .build();
    }

    /**
     * Checks a group's name.
     *
     * @throws ConecException with the given code if that is none
     */
    public static void requireGroupName(String name, ErrorCode otherwise) {
        if (name.isEmpty() || name.length() > MAX_GROUP_NAME) {
            throw new ConecException(
                    otherwise, "a group's name has 1 to " + MAX_GROUP_NAME + " characters, not " + name.length());
        }
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
