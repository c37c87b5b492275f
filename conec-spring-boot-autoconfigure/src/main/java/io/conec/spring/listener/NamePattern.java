package io.conec.spring.listener;

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

    /** In time proportional to pattern times name: the name may be a stranger's. */
    boolean matches(String name) {
        return value.indexOf('*') < 0 ? value.equals(name) : haveNameInCommon(value, name, false);
    }

    /** Whether some name matches both. */
    boolean overlaps(NamePattern other) {
        return haveNameInCommon(value, other.value, true);
    }

    /** @param bothPatterns whether {@code *} stands for any characters in b too */
    private static boolean haveNameInCommon(String a, String b, boolean bothPatterns) {
        // row[j]: whether the rest of a from i on and the rest of b from j on have a name in common.
        boolean[] below = new boolean[b.length() + 1];
        for (int i = a.length(); i >= 0; i--) {
            boolean[] row = new boolean[b.length() + 1];
            for (int j = b.length(); j >= 0; j--) {
                boolean inA = i < a.length();
                boolean inB = j < b.length();
                boolean starInA = inA && a.charAt(i) == '*';
                boolean starInB = bothPatterns && inB && b.charAt(j) == '*';
                if (!inA && !inB) {
                    row[j] = true;
                } else if (starInA || starInB) {
                    boolean skipA = inA && (starInA || inB) && below[j];
                    boolean skipB = inB && (starInB || inA) && row[j + 1];
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
