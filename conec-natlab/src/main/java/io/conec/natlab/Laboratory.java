package io.conec.natlab;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Everything that a test makes outside of its own process: namespaces, processes in them, a directory. Closing it, or the end of the JVM, removes all of it;
 * what a killed JVM left is removed when the next laboratory opens.
 */
public final class Laboratory implements AutoCloseable {
    private static final Owner OWNER = Owner.current();
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Path LOGS = Path.of("target", "natlab");

    private final String prefix;
    private final Path directory;
    private final Path logs;
    private final List<ChildProcess> processes = new CopyOnWriteArrayList<>();
    private final Thread atExit = new Thread(this::remove, "end of the laboratory");

    private Laboratory(String name) {
        prefix = OWNER.name(COUNT.incrementAndGet() + "-");
        try {
            directory = Files.createDirectory(Path.of(System.getProperty("java.io.tmpdir"), prefix + "files"));
            logs = Files.createDirectories(LOGS.resolve(name));
            for (String log : Leftovers.namesIn(logs)) {
                Files.delete(logs.resolve(log));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Opens one.
     *
     * @param name where its processes' logs go, in {@code target/natlab}
     */
    public static Laboratory open(String name) {
        Leftovers.removeOfTheDead();
        return new Laboratory(name);
    }

    /** What the names of all that it makes begin with. */
    String prefix() {
        return prefix;
    }

    /** For files that last as long as the laboratory. */
    public Path directory() {
        return directory;
    }

    public Namespace namespace(String name) {
        return Namespace.create(prefix + name);
    }

    /** Starts a program that talks in the way of {@link ChildProcess}. */
    public ChildProcess start(String name, List<String> command) {
        ChildProcess process = new ChildProcess(name, command, logs.resolve(name + ".log"));
        processes.add(process);
        return process;
    }

    /** Starts a JVM in that namespace. */
    ChildProcess java(String name, Namespace namespace, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Many at once on few cores: what starts fast, and takes no thread and no memory that it does not need.
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-Xmx192m",
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                System.getProperty("java.class.path")));
        // What newer JDKs ask for has been given to this one.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--"))
                .forEach(command::add);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return start(name, namespace.inside(command.toArray(String[]::new)));
    }

    /** Makes a device in each of the two namespaces and a link between them. */
    Link link(Namespace one, String device, Namespace other, String otherDevice, long seed) {
        ChildProcess process = start(
                "link-" + otherDevice,
                List.of(program().toString(), one.name(), device, other.name(), otherDevice, Long.toString(seed)));
        process.awaitEvent("ready", Duration.ofSeconds(20));
        return new Link(process);
    }

    private Path program() {
        return compile("link.c", "link");
    }

    /** What has the system refuse segmented packets of programs that it is loaded into. */
    Path refusal() {
        return compile("refuse-segments.c", "refuse-segments.so", "-shared", "-fPIC");
    }

    private synchronized Path compile(String resource, String name, String... options) {
        Path compiled = directory.resolve(name);
        if (!Files.exists(compiled)) {
            Path source = directory.resolve(resource);
            try (InputStream content = Objects.requireNonNull(Laboratory.class.getResourceAsStream(resource))) {
                Files.copy(content, source);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            List<String> command = new ArrayList<>(List.of("cc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"));
            command.addAll(List.of(options));
            command.addAll(List.of("-o", compiled.toString(), source.toString()));
            Shell.run(command, "");
        }
        return compiled;
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        remove();
    }

    private void remove() {
        processes.forEach(ChildProcess::kill);
        Leftovers.removeAll(prefix);
    }
}
