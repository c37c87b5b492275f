package io.conec.natlab;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The laboratory's routers do what they are called. Found out as RFC 5780 does: with sockets on both sides. */
@InLaboratory
final class NatTests {
    private static final int PORT = 4000;
    private static final int OTHER_PORT = 4001;
    private static final AtomicInteger COUNT = new AtomicInteger();

    private static Laboratory laboratory;
    private static Internet internet;
    private static UdpSockets servers;

    /** Two addresses outside, each with two sockets. */
    private record Servers(String address, String otherAddress) {
        InetSocketAddress first() {
            return new InetSocketAddress(address, PORT);
        }

        InetSocketAddress otherPort() {
            return new InetSocketAddress(address, OTHER_PORT);
        }

        InetSocketAddress elsewhere() {
            return new InetSocketAddress(otherAddress, PORT);
        }

        List<InetSocketAddress> all() {
            return List.of(first(), otherPort(), elsewhere());
        }

        void send(InetSocketAddress from, InetSocketAddress to, String text) {
            servers.send(from.toString(), to, text);
        }
    }

    private static final Servers IPV4 = new Servers("198.19.0.1", "198.19.0.2");
    private static final Servers IPV6 = new Servers("2001:db8:ffff::1", "2001:db8:ffff::2");

    @BeforeAll
    static void listen() {
        laboratory = Laboratory.open("nat");
        internet = new Internet(laboratory);
        internet.core()
                .ip(
                        "address add 198.19.0.1/32 dev lo",
                        "address add 198.19.0.2/32 dev lo",
                        "address add 2001:db8:ffff::1/128 dev lo nodad",
                        "address add 2001:db8:ffff::2/128 dev lo nodad");
        servers = new UdpSockets(laboratory, "servers", internet.core());
        for (Servers family : List.of(IPV4, IPV6)) {
            for (InetSocketAddress server : family.all()) {
                servers.open(server.toString(), server.getAddress().getHostAddress(), server.getPort());
            }
        }
    }

    @AfterAll
    static void close() {
        laboratory.close();
    }

    /** A socket behind a router of its own. */
    private static final class Inside {
        final Router router;
        final Host host;
        final UdpSockets sockets;
        final Servers family;

        Inside(Nat nat, Servers family) {
            this(
                    internet.router(
                            "router" + COUNT.incrementAndGet(), nat, family.equals(IPV4) ? Family.IPV4 : Family.IPV6),
                    family);
        }

        private Inside(Router router, Servers family) {
            this.router = router;
            this.family = family;
            host = router.host("host" + COUNT.incrementAndGet());
            sockets = new UdpSockets(laboratory, host.name(), host.namespace());
            sockets.open("socket", family.equals(IPV4) ? "0.0.0.0" : "::", 0);
        }

        /** Sends to that server; returns whom the server takes for the sender. */
        InetSocketAddress mappingTowards(InetSocketAddress server) {
            String text = "out" + COUNT.incrementAndGet();
            sockets.send("socket", server, text);
            return servers.expect(text).from();
        }

        /** Whether what that server sends there comes in. */
        boolean letsIn(InetSocketAddress server, InetSocketAddress mapped) {
            InetSocketAddress mappedForFirst = mappingTowards(family.first());
            String text = "in" + COUNT.incrementAndGet();
            family.send(server, mapped, text);
            // What the first server answers comes in through any router, and later.
            String last = "last" + COUNT.incrementAndGet();
            family.send(family.first(), mappedForFirst, last);
            sockets.expect(last);
            return sockets.arrivals().stream()
                    .anyMatch(arrival -> arrival.text().equals(text));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ENDPOINT_INDEPENDENT, true, true, true",
        "ADDRESS_DEPENDENT, true, true, false",
        "PORT_DEPENDENT, true, false, false",
        "SYMMETRIC, false, false, false"
    })
    void behavesAsItIsCalledForIpv4(Nat nat, boolean sameMapping, boolean otherPort, boolean otherAddress) {
        behaves(new Inside(nat, IPV4), sameMapping, otherPort, otherAddress);
    }

    @ParameterizedTest
    @CsvSource({"FIREWALL, true, false, false", "PORT_DEPENDENT, true, false, false", "SYMMETRIC, false, false, false"})
    void behavesAsItIsCalledForIpv6(Nat nat, boolean sameMapping, boolean otherPort, boolean otherAddress) {
        behaves(new Inside(nat, IPV6), sameMapping, otherPort, otherAddress);
    }

    private static void behaves(Inside inside, boolean sameMapping, boolean otherPort, boolean otherAddress) {
        Servers family = inside.family;
        InetSocketAddress mapped = inside.mappingTowards(family.first());

        // Before anything has been sent to these two.
        assertThat(inside.letsIn(family.otherPort(), mapped))
                .as("lets in another port")
                .isEqualTo(otherPort);
        assertThat(inside.letsIn(family.elsewhere(), mapped))
                .as("lets in another address")
                .isEqualTo(otherAddress);
        // And what they sent in vain must not change what is let in and out from now on: it is how holes are punched.
        assertThat(inside.mappingTowards(family.otherPort()).equals(mapped))
                .as("same mapping towards another port")
                .isEqualTo(sameMapping);
        assertThat(inside.mappingTowards(family.elsewhere()).equals(mapped))
                .as("same mapping towards another address")
                .isEqualTo(sameMapping);
        for (InetSocketAddress server : family.all()) {
            assertThat(inside.letsIn(server, inside.mappingTowards(server)))
                    .as("lets in answers of " + server)
                    .isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FIREWALL")
    void translatesAddressAndPort(Nat nat) {
        Inside inside = new Inside(nat, IPV4);
        int port = inside.sockets.open("other", "0.0.0.0", 0);

        inside.sockets.send("other", IPV4.first(), "translated-" + nat);

        InetSocketAddress mapped = servers.expect("translated-" + nat).from();
        assertThat(mapped.getAddress().getHostAddress())
                .isEqualTo(inside.router.uplink().v4());
        assertThat(mapped.getPort()).isBetween(20_000, 29_999).isNotEqualTo(port);
    }

    @Test
    void leavesAddressesAloneBehindAnIpv6Firewall() {
        Inside inside = new Inside(Nat.FIREWALL, IPV6);

        assertThat(inside.mappingTowards(IPV6.first()).getAddress().getHostAddress())
                .isEqualTo(new InetSocketAddress(inside.router.prefix6() + "2", 0)
                        .getAddress()
                        .getHostAddress());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "FIREWALL")
    void forgetsItsMappings(Nat nat) {
        Inside inside = new Inside(nat, IPV4);
        InetSocketAddress before = inside.mappingTowards(IPV4.first());

        inside.router.flush();

        InetSocketAddress after = inside.mappingTowards(IPV4.first());
        assertThat(after).isNotEqualTo(before);
        IPV4.send(IPV4.first(), before, "stale-" + nat);
        assertThat(inside.letsIn(IPV4.first(), after)).isTrue();
        assertThat(inside.sockets.arrivals())
                .noneMatch(arrival -> arrival.text().equals("stale-" + nat));
    }

    @Test
    void hostsBehindOneRouterReachEachOtherDirectly() {
        Inside alice = new Inside(Nat.SYMMETRIC, IPV4);
        Inside bob = new Inside(alice.router, IPV4);
        int port = bob.sockets.open("neighbour", "0.0.0.0", 0);

        alice.sockets.send("socket", new InetSocketAddress(alice.router.prefix4() + "3", port), "neighbour");

        assertThat(bob.sockets.expect("neighbour").from().getAddress().getHostAddress())
                .isEqualTo(alice.router.prefix4() + "2");
    }

    @Test
    void blocksUdpBetweenTwoAndFreesItAgain() {
        Inside alice = new Inside(Nat.ENDPOINT_INDEPENDENT, IPV4);
        Inside bob = new Inside(Nat.ENDPOINT_INDEPENDENT, IPV4);
        InetSocketAddress mapped = bob.mappingTowards(IPV4.first());

        internet.block(alice.router.uplink(), bob.router.uplink());
        alice.sockets.send("socket", mapped, "blocked");
        assertThat(alice.letsIn(IPV4.first(), alice.mappingTowards(IPV4.first())))
                .isTrue();
        assertThat(bob.letsIn(IPV4.first(), mapped)).isTrue();
        internet.free(alice.router.uplink(), bob.router.uplink());
        alice.sockets.send("socket", mapped, "freed");

        bob.sockets.expect("freed");
        assertThat(bob.sockets.arrivals()).noneMatch(arrival -> arrival.text().equals("blocked"));
    }
}
