package io.conec.natlab;

/**
 * What a router does to UDP, in the words of RFC 4787 and RFC 6092. {@code NatTests} shows that each is what it is called.
 */
enum Nat {
    /** Endpoint-independent mapping and filtering: whoever knows the mapped address gets in. */
    ENDPOINT_INDEPENDENT(Mapping.ENDPOINT_INDEPENDENT, Filtering.ENDPOINT_INDEPENDENT),
    /** Endpoint-independent mapping; only addresses that were sent to get in, from any port. */
    ADDRESS_DEPENDENT(Mapping.ENDPOINT_INDEPENDENT, Filtering.ADDRESS_DEPENDENT),
    /** Endpoint-independent mapping; only addresses and ports that were sent to get in. The common home router. */
    PORT_DEPENDENT(Mapping.ENDPOINT_INDEPENDENT, Filtering.ADDRESS_AND_PORT_DEPENDENT),
    /** Endpoint-dependent mapping: another port for each destination; only what was sent to gets in. */
    SYMMETRIC(Mapping.ENDPOINT_DEPENDENT, Filtering.ADDRESS_AND_PORT_DEPENDENT),
    /** No translation; only what was sent to gets in. The common IPv6 router. */
    FIREWALL(Mapping.NONE, Filtering.ADDRESS_AND_PORT_DEPENDENT);

    private enum Mapping {
        NONE,
        ENDPOINT_INDEPENDENT,
        ENDPOINT_DEPENDENT
    }

    private enum Filtering {
        ENDPOINT_INDEPENDENT,
        ADDRESS_DEPENDENT,
        ADDRESS_AND_PORT_DEPENDENT
    }

    private final Mapping mapping;
    private final Filtering filtering;

    Nat(Mapping mapping, Filtering filtering) {
        this.mapping = mapping;
        this.filtering = filtering;
    }

    /** What a router of this kind does to IPv6: the same, unless there is IPv4 to be translated, for which nobody translates IPv6 too. */
    Nat forIpv6(Family family) {
        return family.v4() ? FIREWALL : this;
    }

    /** Whether hosts have other addresses inside than outside. */
    boolean translates() {
        return mapping != Mapping.NONE;
    }

    /** Forgets what was sent to whom, besides the kernel's own table of flows. */
    static String forget(Family family) {
        return (family.v4() ? "flush set ip router contacted\nflush map ip router inside\n" : "")
                + (family.v6() ? "flush set ip6 router contacted\nflush map ip6 router inside\n" : "");
    }

    /** The rules for a router between the devices {@code lan} and {@code wan}. */
    String rules(Family family) {
        return (family.v4() ? rules("ip", "ipv4_addr") : "")
                + (family.v6() ? forIpv6(family).rules("ip6", "ipv6_addr") : "");
    }

    private String rules(String ip, String address) {
        if (ip.equals("ip6") && translates() && filtering != Filtering.ADDRESS_AND_PORT_DEPENDENT) {
            throw new IllegalArgumentException("nftables 1.0.6 cannot remember a mapping back to an IPv6 address");
        }
        String expiring = "flags dynamic,timeout; timeout 2m; size 65535;";
        return """
            table %1$s router {
              # Where a mapped port leads to.
              map inside { type inet_service : %2$s . inet_service; %3$s }
              # Inner address and port, and the outer address that it has sent to.
              set contacted { type %2$s . inet_service . %2$s; %3$s }
              chain translate-source { type nat hook postrouting priority srcnat; policy accept;
                %4$s
              }
              chain learn { type filter hook postrouting priority srcnat + 100; policy accept;
                %5$s
              }
              chain translate-destination { type nat hook prerouting priority dstnat; policy accept;
                %6$s
              }
              # Dropped here, a packet from outside leaves no flow behind. One that stayed would keep a later flow in the
              # other direction from getting the mapped port, and make any NAT symmetric towards whoever sends first.
              chain input { type filter hook input priority filter; policy accept;
                iifname "wan" meta l4proto udp drop
              }
              chain forward { type filter hook forward priority filter; policy drop;
                iifname "lan" meta l4proto udp update @contacted { %1$s saddr . udp sport . %1$s daddr }
                iifname "lan" accept
                ct state established,related accept
                %7$s
              }
            }
            """.formatted(ip, address, expiring, translateSource(), learn(ip), translateDestination(ip), letIn(ip));
    }

    private String translateSource() {
        return switch (mapping) {
            case NONE -> "";
            // The kernel gives a further flow of the same inner address and port the same mapping, if that is free.
            case ENDPOINT_INDEPENDENT -> "oifname \"wan\" meta l4proto udp masquerade to :20000-29999";
            case ENDPOINT_DEPENDENT -> "oifname \"wan\" meta l4proto udp masquerade to :20000-29999 fully-random";
        };
    }

    private String learn(String ip) {
        return switch (filtering) {
            case ENDPOINT_INDEPENDENT, ADDRESS_DEPENDENT ->
                "oifname \"wan\" meta l4proto udp"
                        + " update @inside { ct reply proto-dst : ct original %s saddr . ct original proto-src }"
                                .formatted(ip);
            case ADDRESS_AND_PORT_DEPENDENT -> "";
        };
    }

    private String translateDestination(String ip) {
        return switch (filtering) {
            case ENDPOINT_INDEPENDENT, ADDRESS_DEPENDENT ->
                "iifname \"wan\" meta l4proto udp dnat %s addr . port to udp dport map @inside".formatted(ip);
            case ADDRESS_AND_PORT_DEPENDENT -> "";
        };
    }

    private String letIn(String ip) {
        return switch (filtering) {
            case ENDPOINT_INDEPENDENT -> "ct status dnat accept";
            case ADDRESS_DEPENDENT ->
                "ct status dnat %1$s daddr . udp dport . %1$s saddr @contacted accept".formatted(ip);
            case ADDRESS_AND_PORT_DEPENDENT -> "";
        };
    }
}
