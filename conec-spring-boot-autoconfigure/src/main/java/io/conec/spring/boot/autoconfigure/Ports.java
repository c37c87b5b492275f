package io.conec.spring.boot.autoconfigure;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Port numbers from properties. */
final class Ports {
    private Ports() {}

    /** An address to bind; any address for null. */
    static InetSocketAddress socketAddress(@Nullable InetAddress address, String property, int port) {
        check(property, port, 0);
        return address == null ? new InetSocketAddress(port) : new InetSocketAddress(address, port);
    }

    static int check(String property, int port, int least) {
        if (port < least || port > 65_535) {
            throw new InvalidConecPropertyException(
                    property,
                    "has to be between " + least + " and 65535, it is " + port,
                    "Correct the property's value.");
        }
        return port;
    }
}
