package io.conec.natlab;

import java.util.ArrayList;
import java.util.List;

/** A router with one outer address and a network behind it, in which hosts reach each other directly. */
final class Router {
    private final Laboratory laboratory;
    private final Namespace namespace;
    private final Uplink uplink;
    private final Nat nat;
    private int hosts;

    Router(Laboratory laboratory, Namespace namespace, Uplink uplink, Nat nat) {
        this.laboratory = laboratory;
        this.namespace = namespace;
        this.uplink = uplink;
        this.nat = nat;
        namespace.forward();
        List<String> commands = new ArrayList<>(List.of("link add lan type bridge", "link set lan up"));
        if (uplink.family().v4()) {
            commands.add("address add " + prefix4() + "1/24 dev lan");
        }
        if (uplink.family().v6()) {
            commands.add("address add " + prefix6() + "1/64 dev lan nodad");
        }
        namespace.ip(commands.toArray(String[]::new));
        namespace.nft(nat.rules(uplink.family()));
    }

    /** One more machine behind it. */
    synchronized Host host(String name) {
        int number = ++hosts + 1;
        Namespace host = laboratory.namespace(name);
        namespace.ip(
                "link add host%d type veth peer name lan netns %s".formatted(number, host.name()),
                "link set host%d master lan up".formatted(number));
        List<String> commands = new ArrayList<>(List.of("link set lan up"));
        if (uplink.family().v4()) {
            commands.add("address add " + prefix4() + number + "/24 dev lan");
            commands.add("route add default via " + prefix4() + "1");
        }
        if (uplink.family().v6()) {
            commands.add("address add " + prefix6() + number + "/64 dev lan nodad");
            commands.add("route add default via " + prefix6() + "1");
        }
        host.ip(commands.toArray(String[]::new));
        return new Host(name, host, uplink);
    }

    Uplink uplink() {
        return uplink;
    }

    String prefix4() {
        return "10." + uplink.site() + ".0.";
    }

    /** Of the hosts' IPv6 addresses: global ones, unless the router translates them. */
    String prefix6() {
        return (nat.forIpv6(uplink.family()).translates()
                        ? "fd00:" + uplink.site()
                        : "2001:db8:" + uplink.site() + ":1")
                + "::";
    }

    /** From now on sends on what comes from outside to this UDP port to the same port of that host, which was the first or second or ... to be put behind it. */
    void forward(int port, int host) {
        namespace.nft("""
            add rule ip router translate-destination iifname "wan" udp dport %1$d dnat to %2$s%3$d:%1$d
            add rule ip router forward ct status dnat accept
            """.formatted(port, prefix4(), host + 1));
    }

    /** Forgets all mappings, as a router does that was switched off for a moment: each flow gets a new one, on another port. */
    void flush() {
        // Masquerading forgets the flows of an address that goes away.
        namespace.ip("address flush dev wan scope global");
        uplink.connect();
        namespace.nft(Nat.forget(uplink.family()));
    }
}
