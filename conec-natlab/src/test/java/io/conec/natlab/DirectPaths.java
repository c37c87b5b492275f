package io.conec.natlab;

/** Whether clients make direct paths. Until they do, what is expected of direct paths is not checked, only that nothing is lost. */
final class DirectPaths {
    static final boolean BUILT = Boolean.getBoolean("natlab.direct");

    private DirectPaths() {}
}
