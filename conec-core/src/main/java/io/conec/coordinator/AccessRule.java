package io.conec.coordinator;

import io.conec.ClientId;
import io.conec.ConecException;
import io.conec.ErrorCode;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Allows or denies some requests. In a pattern {@code *} stands for any characters, none too; everything else for itself.
 *
 * @param access what the rule says about requests that it matches
 * @param kinds which kinds of requests; empty for all that go with the other fields: {@code INTRODUCE} and {@code SEE} with {@code to}, {@code OPEN_STREAM} with {@code stream},
 *     {@code JOIN} and {@code SEND} with {@code group}, every kind with none of the three
 * @param from pattern of the id of the client that asks
 * @param to pattern of the id of the other client; null for any
 * @param stream pattern of the name of the stream to the coordinator; null for any
 * @param group pattern of the group's name; null for any
 */
public record AccessRule(
        Access access,
        Set<AccessKind> kinds,
        String from,
        @Nullable String to,
        @Nullable String stream,
        @Nullable String group) {
    private static final Pattern ID_PATTERN = Pattern.compile("[a-z0-9.*-]+");

    /**
     * @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if a pattern is empty or matches no id, more than one of {@code to}, {@code stream} and {@code group} is
     *     given, or one that does not go with a kind
     */
    public AccessRule {
        requireIdPattern(from, "from");
        requireIdPattern(to, "to");
        Set<AccessKind> fitting = fitting(to, stream, group);
        if (!fitting.containsAll(kinds)) {
            throw invalid("of kinds " + kinds + " only " + fitting + " go with the other fields of the rule");
        }
        kinds = Set.copyOf(kinds.isEmpty() ? fitting : kinds);
    }

    private static Set<AccessKind> fitting(@Nullable String to, @Nullable String stream, @Nullable String group) {
        int given = (to != null ? 1 : 0) + (stream != null ? 1 : 0) + (group != null ? 1 : 0);
        if (given > 1) {
            throw invalid("a rule takes one of to, stream and group");
        }
        if (to != null) {
            return EnumSet.of(AccessKind.INTRODUCE, AccessKind.SEE);
        }
        if (stream != null) {
            requireNotEmpty(stream, "stream");
            return EnumSet.of(AccessKind.OPEN_STREAM);
        }
        if (group != null) {
            requireNotEmpty(group, "group");
            return EnumSet.of(AccessKind.JOIN, AccessKind.SEND);
        }
        return EnumSet.allOf(AccessKind.class);
    }

    private static void requireIdPattern(@Nullable String pattern, String name) {
        if (pattern != null && !ID_PATTERN.matcher(pattern).matches()) {
            throw invalid(name + ": \"" + ClientId.escape(pattern)
                    + "\" matches no client id: it takes lower-case letters, digits, hyphens, dots and *");
        }
    }

    private static void requireNotEmpty(String pattern, String name) {
        if (pattern.isEmpty()) {
            throw invalid(name + " may not be empty");
        }
    }

    private static ConecException invalid(String message) {
        return new ConecException(ErrorCode.INVALID_CONFIGURATION, message);
    }
}
