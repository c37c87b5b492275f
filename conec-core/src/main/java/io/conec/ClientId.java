package io.conec;

import java.util.regex.Pattern;

/**
 * A client's name: labels of {@code [a-z0-9-]}, none empty, longer than 63 characters or with a hyphen at either end, joined by dots; at most
 * 253 characters in all (RFC 1123, section 2.1, in lower case). Stands as a DNS subject alternative name in the client's certificate.
 *
 * @param value the name
 */
public record ClientId(String value) implements Comparable<ClientId> {
    /** The longest id, in characters. */
    public static final int MAX_LENGTH = 253;

    private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
    private static final Pattern FORM = Pattern.compile(LABEL + "(?:\\." + LABEL + ")*");

    /** @throws ConecException with {@link ErrorCode#INVALID_ID} if the value is no client id */
    public ClientId {
        if (value.length() > MAX_LENGTH || !FORM.matcher(value).matches()) {
            throw new ConecException(
                    ErrorCode.INVALID_ID,
                    "\"" + escape(value) + "\" is no client id: it takes lower-case letters, digits and hyphens, in"
                            + " labels of at most 63 characters joined by dots, at most 253 characters in all");
        }
    }

    /**
     * Makes text from a peer fit for a log or a message: at most 64 characters, everything outside printable ASCII and the backslash and the
     * quotation mark written as {@code \}{@code uXXXX}.
     */
    public static String escape(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length() && i < 64; i++) {
            char c = text.charAt(i);
            if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
                escaped.append(c);
            } else {
                escaped.append(String.format("\\u%04x", (int) c));
            }
        }
        return text.length() > 64 ? escaped + "..." : escaped.toString();
    }

    @Override
    public int compareTo(ClientId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
