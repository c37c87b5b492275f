package io.conec.natlab;

import java.time.Duration;

/**
 * How good a link is, alike in both directions.
 *
 * @param bitsPerSecond 0 for no limit
 * @param delay one way
 * @param queue how long a packet may wait for its turn; what would wait longer is dropped
 * @param loss part of the packets that is lost, 0 to 1
 * @param reordered part of the packets that later ones overtake
 * @param duplicated part of the packets that arrives twice
 */
public record LinkSettings(
        long bitsPerSecond, Duration delay, Duration queue, double loss, double reordered, double duplicated) {
    /** How much longer than the others a reordered packet takes: some packets' worth, as with two ways of unequal length. */
    private static final Duration REORDER_DELAY = Duration.ofMillis(5);

    /** A link without loss whose queue takes a round trip's worth, 30 ms at least. */
    public static LinkSettings of(double megabitsPerSecond, Duration roundTrip) {
        Duration queue = Duration.ofMillis(Math.max(30, roundTrip.toMillis()));
        return new LinkSettings((long) (megabitsPerSecond * 1e6), roundTrip.dividedBy(2), queue, 0, 0, 0);
    }

    public LinkSettings losing(double part) {
        return new LinkSettings(bitsPerSecond, delay, queue, part, reordered, duplicated);
    }

    LinkSettings reordering(double part) {
        return new LinkSettings(bitsPerSecond, delay, queue, loss, part, duplicated);
    }

    LinkSettings duplicating(double part) {
        return new LinkSettings(bitsPerSecond, delay, queue, loss, reordered, part);
    }

    /** As {@code link.c} takes it. */
    String command() {
        return "set rate_bps %d delay_us %d queue_us %d loss_ppm %d reorder_ppm %d reorder_us %d dup_ppm %d"
                .formatted(
                        bitsPerSecond,
                        micros(delay),
                        micros(queue),
                        millionths(loss),
                        millionths(reordered),
                        micros(REORDER_DELAY),
                        millionths(duplicated));
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1000;
    }

    private static long millionths(double part) {
        return Math.round(part * 1e6);
    }
}
