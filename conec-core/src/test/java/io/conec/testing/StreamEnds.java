package io.conec.testing;

import io.conec.ConecStream;

/**
 * Both ends of one stream.
 *
 * @param opened the end of the side that opened it
 * @param accepted the end of the side that accepted it
 */
public record StreamEnds(ConecStream opened, ConecStream accepted) {
    /** The same stream seen from the other side. */
    public StreamEnds swapped() {
        return new StreamEnds(accepted, opened);
    }
}
