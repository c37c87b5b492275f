package io.conec.spring.boot.autoconfigure.health;

import java.net.InetSocketAddress;

/** Socket addresses as text. */
final class Addresses {
    private Addresses() {}

    /** Address or host name, and port, without a look-up. */
    static String text(InetSocketAddress address) {
        String host = address.getHostString();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
