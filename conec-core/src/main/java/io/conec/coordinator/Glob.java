package io.conec.coordinator;

/**
 * A pattern in which {@code *} stands for any characters, none too. In time proportional to pattern times text, whatever they are: the text may be a stranger's.
 *
 * @param pattern the pattern
 */
record Glob(String pattern) {
    boolean matches(String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int retry = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                retry = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                // The last star takes one more character. Earlier ones need not: whatever they could gain, it can.
                p = star + 1;
                t = ++retry;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}
