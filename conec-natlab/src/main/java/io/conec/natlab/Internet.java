package io.conec.natlab;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The network in the middle: a router that everybody is connected to, with addresses of the documentation and benchmark ranges only. */
public final class Internet {
    private final Laboratory laboratory;
    private final Namespace core;
    private int sites;

    public Internet(Laboratory laboratory) {
        this.laboratory = laboratory;
        core = laboratory.namespace("internet");
        core.forward();
        core.nft("""
            table inet internet {
              set blocked { type ifname . ifname; }
              chain forward { type filter hook forward priority filter; policy accept;
                iifname . oifname @blocked meta l4proto udp drop
              }
            }
            """);
    }

    Namespace core() {
        return core;
    }

    /** A machine right on the internet. */
    public Host host(String name, Family family) {
        return host(name, family, null);
    }

    /** A machine on the internet behind a link of that quality. */
    public Host host(String name, Family family, @Nullable LinkSettings link) {
        Namespace namespace = laboratory.namespace(name);
        Uplink uplink = connect(namespace, "wan", family, link);
        uplink.connect();
        return new Host(name, namespace, uplink);
    }

    /** A router that hosts can be put behind. */
    Router router(String name, Nat nat, Family family) {
        return router(name, nat, family, null);
    }

    /** As {@link #router(String, Nat, Family)}, with a link of that quality between it and the internet. */
    Router router(String name, Nat nat, Family family, @Nullable LinkSettings link) {
        Namespace namespace = laboratory.namespace(name);
        Uplink uplink = connect(namespace, "wan", family, link);
        uplink.connect();
        Router router = new Router(laboratory, namespace, uplink, nat);
        if (family.v6() && !nat.forIpv6(family).translates()) {
            core.ip("route add " + router.prefix6() + "/64 via " + uplink.v6());
        }
        return router;
    }

    /** One more connection for that machine; not plugged in yet. */
    synchronized Uplink connect(Namespace namespace, String device, Family family, @Nullable LinkSettings settings) {
        int site = ++sites;
        Optional<Link> link = Optional.empty();
        Uplink uplink = new Uplink(namespace, device, site, family, link);
        if (settings == null) {
            core.ip("link add %s type veth peer name %s netns %s"
                    .formatted(uplink.farDevice(), device, namespace.name()));
        } else {
            Link made = laboratory.link(namespace, device, core, uplink.farDevice(), site);
            made.set(settings);
            uplink = new Uplink(namespace, device, site, family, Optional.of(made));
        }
        List<String> commands = new ArrayList<>(List.of("link set " + uplink.farDevice() + " up"));
        if (family.v4()) {
            commands.add("address add 198.18." + site + ".1/24 dev " + uplink.farDevice());
        }
        if (family.v6()) {
            commands.add("address add 2001:db8:" + site + "::1/64 dev " + uplink.farDevice() + " nodad");
        }
        core.ip(commands.toArray(String[]::new));
        return uplink;
    }

    /** From now on drops UDP between the two, and tells nobody. */
    void block(Uplink one, Uplink other) {
        core.nft("add element inet internet blocked { %1$s . %2$s, %2$s . %1$s }"
                .formatted(one.farDevice(), other.farDevice()));
    }

    void free(Uplink one, Uplink other) {
        core.nft("delete element inet internet blocked { %1$s . %2$s, %2$s . %1$s }"
                .formatted(one.farDevice(), other.farDevice()));
    }
}
