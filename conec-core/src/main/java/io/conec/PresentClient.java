package io.conec;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A client that is connected to the coordinator.
 *
 * @param id its proven id
 * @param attributes what it says about itself; unmodifiable. Nobody has checked them: they are no ground to trust anybody
 * @param since when it registered, by the coordinator's clock
 */
public record PresentClient(String id, Map<String, String> attributes, Instant since) {
    /** The most attributes that a client may announce. */
    public static final int MAX_ATTRIBUTES = 32;

    /** The most that names and values of a client's attributes may take together, in characters. */
    public static final int MAX_ATTRIBUTE_CHARACTERS = 1_024;

    public PresentClient {
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    }
}
