package io.conec.client;

/** What a client knows of the NAT before it (RFC 4787, section 4.1), from the addresses at which its coordinator and its peers see it. */
public enum NatMapping {
    /** Nothing yet. */
    UNKNOWN,
    /** No NAT: the coordinator sees the client at an address of its own. */
    NONE,
    /** Coordinator and peers see the client at the same address: a direct path to almost anybody can be found. */
    ENDPOINT_INDEPENDENT,
    /** A peer sees the client at another address than the coordinator does ("symmetric"): direct paths only to peers that are not behind such a NAT, or an address-filtering one. */
    ENDPOINT_DEPENDENT
}
