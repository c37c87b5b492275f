package io.conec.natlab;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A machine's connection to the internet: a device with addresses and the default route.
 *
 * @param namespace the machine
 * @param device its device
 * @param site the number in its addresses: 198.18.SITE.2 and 2001:db8:SITE::2
 * @param family which of the two it has
 * @param link what emulates its quality; empty for a cable without any limit
 */
public record Uplink(Namespace namespace, String device, int site, Family family, Optional<Link> link) {
    public String v4() {
        return "198.18." + site + ".2";
    }

    String v6() {
        return "2001:db8:" + site + "::2";
    }

    /** The internet's device at the other end. */
    String farDevice() {
        return "site" + site;
    }

    /** Plugs the device in: addresses and default route. */
    void connect() {
        List<String> commands = new ArrayList<>(List.of("link set " + device + " up"));
        if (family.v4()) {
            commands.add("address replace " + v4() + "/24 dev " + device);
            commands.add("route replace " + defaultRoute4());
        }
        if (family.v6()) {
            // Nobody else has the address, and looking for a duplicate takes a second.
            commands.add("address replace " + v6() + "/64 dev " + device + " nodad");
            commands.add("route replace default via 2001:db8:" + site + "::1 dev " + device);
        }
        namespace.ip(commands.toArray(String[]::new));
    }

    private String defaultRoute4() {
        return "default via 198.18." + site + ".1 dev " + device;
    }

    /** The congestion control, such as {@code cubic}, of TCP connections that are made or accepted over IPv4 from now on. Not one for the whole namespace, which the kernel allows for those only that the machine's administrator has allowed. */
    public void tcpCongestionControl(String algorithm) {
        namespace.ip("route change " + defaultRoute4() + " congctl " + algorithm);
    }

    /** Pulls the plug: the machine has these addresses no more, and the internet no way to it. */
    void disconnect() {
        namespace.ip("link set " + device + " down", "address flush dev " + device);
    }

    /** The link, of an uplink that has one. */
    public Link requireLink() {
        return link.orElseThrow();
    }
}
