package io.conec.benchmarks.process;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;

/** Names with values, as a line of {@code name=value} words: how processes tell each other things. Without spaces. */
public record Fields(Map<String, String> values) {
    /** Of names and values in turn. */
    public static Fields of(Object... namesAndValues) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            values.put(namesAndValues[i].toString(), namesAndValues[i + 1].toString());
        }
        return new Fields(values);
    }

    public static Fields parse(String line) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String word : line.split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                values.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return new Fields(values);
    }

    public String get(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new NoSuchElementException(name + " in " + this);
        }
        return value;
    }

    public long number(String name) {
        return Long.parseLong(get(name));
    }

    public double decimal(String name) {
        return Double.parseDouble(get(name));
    }

    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(field -> field.getKey() + "=" + field.getValue())
                .collect(Collectors.joining(" "));
    }
}
