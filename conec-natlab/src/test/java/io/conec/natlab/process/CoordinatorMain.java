package io.conec.natlab.process;

import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.coordinator.CoordinatorStatistics;
import io.conec.security.Identity;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A coordinator. Arguments: port, directory of its identity. Tells {@code listening FINGERPRINT}. */
public final class CoordinatorMain {
    private CoordinatorMain() {}

    /** Ends with its standard input. */
    public static void main(String[] arguments) throws IOException {
        Identity identity = Identity.loadOrCreate(
                Path.of(arguments[1]), () -> Identity.generateForHosts(List.of("coordinator.test")));
        CoordinatorConfig config = CoordinatorConfig.builder(identity)
                .bindAddress(new InetSocketAddress(Integer.parseInt(arguments[0])))
                // As on a machine with more processors than this one may have.
                .relayThreads(2)
                .build();
        try (ConecCoordinator coordinator = new ConecCoordinator(config)) {
            coordinator.onStream(LinkEcho.STREAM, LinkEcho::answer);
            coordinator.start();
            Requests.event("listening " + identity.fingerprint());
            Requests.serve(words -> CompletableFuture.completedFuture(report(coordinator.statistics())));
        }
        System.exit(0);
    }

    private static String report(CoordinatorStatistics statistics) {
        return "clients=%d channels=%d relayedBytes=%d"
                .formatted(statistics.clients(), statistics.relayedChannels(), statistics.relayedBytes());
    }
}
