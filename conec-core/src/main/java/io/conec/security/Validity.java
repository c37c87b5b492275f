package io.conec.security;

import io.conec.ConecException;
import io.conec.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The period in which a certificate holds, both ends included.
 *
 * @param notBefore the first second of it
 * @param notAfter the last second of it
 */
public record Validity(Instant notBefore, Instant notAfter) {
    /**
     * How far {@link #startingNow} reaches back: a party whose clock is slow must not take a fresh certificate for one
     * of the future.
     */
    static final Duration CLOCK_TOLERANCE = Duration.ofHours(1);

    /** @throws ConecException with {@link ErrorCode#INVALID_CONFIGURATION} if it ends before it begins */
    public Validity {
        // What a certificate can hold (RFC 5280, section 4.1.2.5: no fractions of a second).
        notBefore = notBefore.truncatedTo(ChronoUnit.SECONDS);
        notAfter = notAfter.truncatedTo(ChronoUnit.SECONDS);
        if (notAfter.isBefore(notBefore)) {
            throw new ConecException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "a validity cannot end on " + notAfter + ", before its start on " + notBefore);
        }
    }

    /** From an hour ago, so that clocks need not agree to the second, until that long from now. */
    public static Validity startingNow(Duration length) {
        Instant now = Instant.now();
        return new Validity(now.minus(CLOCK_TOLERANCE), now.plus(length));
    }
}
