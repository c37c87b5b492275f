package io.conec.coordinator;

/** What a rule, an authorizer or the default says. */
public enum Access {
    /** It may be done. */
    ALLOW,
    /** It is refused, with {@link io.conec.ErrorCode#NOT_ALLOWED}. */
    DENY
}
