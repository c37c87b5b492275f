package io.conec.natlab;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Removes namespaces, their processes, and directories: at the end of a laboratory its own, at the start those of runs that were killed. */
final class Leftovers {
    /** Where iproute2 keeps namespaces by name. */
    private static final Path NAMESPACES = Path.of("/run/netns");

    private static final Path TEMPORARY = Path.of(System.getProperty("java.io.tmpdir"));

    private Leftovers() {}

    /** Removes what processes left that are no more. Does not touch what belongs to a living one or has another kind of name. */
    static void removeOfTheDead() {
        removeIf(name -> Owner.ofName(name).filter(owner -> !owner.isAlive()).isPresent());
    }

    /** Removes every namespace and directory whose name begins so. */
    static void removeAll(String prefix) {
        removeIf(name -> name.startsWith(prefix));
    }

    private static void removeIf(Predicate<String> condition) {
        namesIn(NAMESPACES).stream().filter(condition).forEach(Leftovers::removeNamespace);
        namesIn(TEMPORARY).stream().filter(condition).map(TEMPORARY::resolve).forEach(Leftovers::removeDirectory);
    }

    static List<String> namesIn(Path directory) {
        String[] names = directory.toFile().list();
        return names == null ? List.of() : List.of(names);
    }

    private static void removeNamespace(String name) {
        try {
            endProcesses(name);
            Shell.run("ip", "netns", "delete", name);
        } catch (IllegalStateException e) {
            // Another laboratory's process may look for leftovers at the same time.
            if (Files.exists(NAMESPACES.resolve(name))) {
                throw e;
            }
        }
    }

    private static void endProcesses(String name) {
        // A process that is stopped, or does not read its input, has not seen that its parent is gone.
        Shell.run("ip", "netns", "pids", name)
                .lines()
                .map(Long::parseLong)
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .forEach(process -> {
                    process.destroyForcibly();
                    process.onExit().join();
                });
    }

    private static void removeDirectory(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException | UncheckedIOException e) {
            if (Files.exists(directory)) {
                throw new IllegalStateException("cannot remove " + directory, e);
            }
        }
    }
}
