package io.conec.natlab;

import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Clients that have IPv6 only, and others that have both, with a coordinator that has both. */
@InLaboratory
final class Ipv6Tests {
    private static NatMatrix matrix;

    @BeforeAll
    static void connect() {
        matrix = new NatMatrix("ipv6");
        for (String side : new String[] {"one", "other"}) {
            matrix.add("none-" + side, internet -> internet.host("none-" + side, Family.IPV6));
            for (Nat nat : new Nat[] {Nat.FIREWALL, Nat.PORT_DEPENDENT, Nat.SYMMETRIC}) {
                String id = nat.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-" + side;
                matrix.add(
                        id,
                        internet -> internet.router("router-" + id, nat, Family.IPV6)
                                .host(id));
            }
            String id = "dual-stack-" + side;
            matrix.add(
                    id,
                    internet -> internet.router("router-" + id, Nat.SYMMETRIC, Family.DUAL_STACK)
                            .host(id));
        }
        matrix.add("ipv4-only", internet -> internet.host("ipv4-only", Family.IPV4));
        Host one = matrix.internet().host("blocked-one", Family.IPV6);
        Host other = matrix.internet().host("blocked-other", Family.IPV6);
        matrix.internet().block(one.uplink(), other.uplink());
        matrix.add("blocked-one", internet -> one);
        matrix.add("blocked-other", internet -> other);
        matrix.awaitConnected();
    }

    @AfterAll
    static void close() {
        matrix.close();
    }

    @Test
    void noneToNone() {
        matrix.becomesDirect("none-one", "none-other");
    }

    @Test
    void noneToFirewall() {
        matrix.becomesDirect("none-one", "firewall-other");
    }

    @Test
    void firewallToFirewall() {
        matrix.becomesDirect("firewall-one", "firewall-other");
    }

    @Test
    void firewallToPortDependent() {
        matrix.becomesDirect("firewall-one", "port-dependent-other");
    }

    @Test
    void firewallToSymmetric() {
        matrix.staysRelayed("firewall-one", "symmetric-other");
    }

    @Test
    void noneToSymmetric() {
        matrix.becomesDirect("none-one", "symmetric-other");
    }

    @Test
    void symmetricToSymmetric() {
        matrix.staysRelayed("symmetric-one", "symmetric-other");
    }

    @Test
    void udpBlockedBetweenTheTwo() {
        matrix.staysRelayed("blocked-one", "blocked-other");
    }

    @Test
    void ipv6OnlyToIpv4Only() {
        matrix.staysRelayed("none-one", "ipv4-only");
    }

    /** Symmetric NATs on both sides for IPv4; for IPv6, as usual, no translation at all. */
    @Test
    void dualStackToDualStackTakesIpv6() {
        matrix.becomesDirect("dual-stack-one", "dual-stack-other");
    }

    @Test
    void dualStackToIpv6Only() {
        matrix.becomesDirect("dual-stack-one", "firewall-other");
    }

    @Test
    void dualStackToIpv4Only() {
        matrix.becomesDirect("dual-stack-one", "ipv4-only");
    }
}
