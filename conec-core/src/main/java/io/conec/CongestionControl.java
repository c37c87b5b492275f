package io.conec;

/** How fast a QUIC connection sends. */
public enum CongestionControl {
    /** RFC 9438. Backs off at each loss. */
    CUBIC,
    /** Paces to the measured bandwidth and round trip, and so does not collapse at random loss (BBR v2 of quiche, draft-cardwell-ccwg-bbr). */
    BBR,
    /** RFC 9002, section 7. */
    RENO
}
