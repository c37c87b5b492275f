package io.conec.natlab;

import java.nio.file.Path;
import java.util.List;

/**
 * A machine that runs something.
 *
 * @param uplink how it, or the router that it is behind, is connected to the internet
 */
public record Host(String name, Namespace namespace, Uplink uplink) {
    /** The same machine, whose programs have this library loaded before their own. */
    Host preloading(Path library) {
        return new Host(name, new Namespace(namespace.name(), List.of("LD_PRELOAD=" + library)), uplink);
    }
}
