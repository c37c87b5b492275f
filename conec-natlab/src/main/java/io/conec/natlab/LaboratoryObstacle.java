package io.conec.natlab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether this machine lets us make what the laboratory is made of. */
public final class LaboratoryObstacle {
    private LaboratoryObstacle() {}

    /** Why it does not, and what would help; empty if it does. */
    public static Optional<String> find() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return Optional.of("it takes Linux");
        }
        Optional<String> missing = Stream.of("ip", "nft", "cc")
                .filter(program -> !isOnPath(program))
                .findFirst();
        if (missing.isPresent()) {
            return Optional.of("there is no program \"" + missing.get()
                    + "\" (Debian's packages iproute2, nftables, gcc and libc6-dev have what it takes)");
        }
        if (!Files.isWritable(Path.of("/dev/net/tun"))) {
            return Optional.of("/dev/net/tun is not there or not for this user; it takes root");
        }
        try {
            Leftovers.removeOfTheDead();
            try (Laboratory trial = Laboratory.open("trial")) {
                trial.namespace("trial").nft("table ip trial {\n}\n");
            }
            return Optional.empty();
        } catch (IllegalStateException e) {
            return Optional.of("no namespaces for this user; it takes root: " + e.getMessage());
        }
    }

    private static boolean isOnPath(String program) {
        return Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }
}
