package io.conec.spring.listener;

import org.springframework.util.PatternMatchUtils;

/**
 * Names: one exact name, or several with {@code *} for any characters, none too.
 *
 * @param value the pattern, not empty
 */
record NamePattern(String value) {
    NamePattern {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("a pattern may not be empty");
        }
    }

    boolean matches(String name) {
        return PatternMatchUtils.simpleMatch(value, name);
    }

    /** Whether some name matches both. */
    boolean overlaps(NamePattern other) {
        String a = value;
        String b = other.value;
        // row[j]: whether the rest of a from i on and the rest of b from j on have a name in common.
        boolean[] below = new boolean[b.length() + 1];
        for (int i = a.length(); i >= 0; i--) {
            boolean[] row = new boolean[b.length() + 1];
            for (int j = b.length(); j >= 0; j--) {
                boolean inA = i < a.length();
                boolean inB = j < b.length();
                if (!inA && !inB) {
                    row[j] = true;
                } else if ((inA && a.charAt(i) == '*') || (inB && b.charAt(j) == '*')) {
                    boolean skipA = inA && (a.charAt(i) == '*' || inB) && below[j];
                    boolean skipB = inB && (b.charAt(j) == '*' || inA) && row[j + 1];
                    row[j] = skipA || skipB;
                } else {
                    row[j] = inA && inB && a.charAt(i) == b.charAt(j) && below[j + 1];
                }
            }
            below = row;
        }
        return below[0];
    }

    @Override
    public String toString() {
        return value;
    }
}
