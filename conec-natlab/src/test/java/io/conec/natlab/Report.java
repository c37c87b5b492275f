package io.conec.natlab;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A child's {@code name=value name=value} answer. The last value may have spaces in it.
 *
 * @param text as it came
 */
record Report(String text, Map<String, String> values) {
    static Report parse(String text) {
        Map<String, String> values = new HashMap<>();
        String last = "";
        for (String word : text.split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals > 0 && !last.equals("failures")) {
                last = word.substring(0, equals);
                values.put(last, word.substring(equals + 1));
            } else {
                values.merge(last, word, (before, more) -> before + " " + more);
            }
        }
        return new Report(text, values);
    }

    long number(String name) {
        return Long.parseLong(Objects.requireNonNull(values.get(name), () -> name + " in " + text));
    }

    String word(String name) {
        return Objects.requireNonNull(values.get(name), () -> name + " in " + text);
    }

    @Override
    public String toString() {
        return text;
    }
}
