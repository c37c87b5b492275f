package io.conec.natlab;

/** What the laboratory expects and conec does not do yet. What is not built is not checked; each of these goes when it is true. */
final class Built {
    /** Clients make direct paths. */
    static final boolean DIRECT_PATHS = Boolean.getBoolean("natlab.direct");

    /** Channels outlive their coordinator. */
    static final boolean RESTORE = Boolean.getBoolean("natlab.restore");

    /** Streams that stood still for long move again within 5 s. */
    static final boolean QUICK_RECOVERY = Boolean.getBoolean("natlab.recovery");

    private Built() {}
}
