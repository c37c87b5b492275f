package io.conec.natlab;

/** Which versions of IP a machine speaks. */
public enum Family {
    IPV4(true, false),
    IPV6(false, true),
    DUAL_STACK(true, true);

    private final boolean v4;
    private final boolean v6;

    Family(boolean v4, boolean v6) {
        this.v4 = v4;
        this.v6 = v6;
    }

    boolean v4() {
        return v4;
    }

    boolean v6() {
        return v6;
    }
}
