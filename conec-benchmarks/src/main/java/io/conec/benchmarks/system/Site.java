package io.conec.benchmarks.system;

import java.nio.file.Path;
import java.util.Map;
import java.util.NoSuchElementException;

/**
 * Where a process runs.
 *
 * @param role what the process is, for names that have to differ
 * @param address the local address to bind
 * @param directory where {@link Certificates} are
 * @param known what the processes started before have announced
 */
public record Site(String role, String address, Path directory, Map<String, String> known) {
    /** Something announced by a process that was started before. */
    public String get(String key) {
        String value = known.get(key);
        if (value == null) {
            throw new NoSuchElementException(key + " was not announced");
        }
        return value;
    }

    public int port(String key) {
        return Integer.parseInt(get(key));
    }

    public Certificates certificates() {
        return new Certificates(directory);
    }
}
