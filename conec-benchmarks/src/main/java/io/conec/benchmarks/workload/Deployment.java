package io.conec.benchmarks.workload;

import io.conec.benchmarks.process.BenchProcess;
import io.conec.benchmarks.process.BenchProcess.Role;
import io.conec.benchmarks.process.Fields;
import io.conec.benchmarks.system.BenchSystem;
import io.conec.natlab.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The processes of one system. */
final class Deployment implements AutoCloseable {
    /** The same for every process of every system. The heap is touched at the start: what the kernel then does for each new page is no system's doing. Up to thirty processes have to fit into memory. */
    static final List<String> JVM = List.of("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch", "-XX:+UseG1GC");

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration END_PATIENCE = Duration.ofSeconds(5);

    private final BenchSystem system;
    private final Placement placement;
    private final RunSettings settings;
    private final Map<String, String> known = new LinkedHashMap<>();
    private final Map<String, ChildProcess> processes = new LinkedHashMap<>();

    private Deployment(BenchSystem system, Placement placement, RunSettings settings) {
        this.system = system;
        this.placement = placement;
        this.settings = settings;
    }

    /** Starts relay and receiver, in the order that the system needs; closes the placement when it is closed. */
    static Deployment servers(BenchSystem system, Placement placement, RunSettings settings) {
        Deployment deployment = new Deployment(system, placement, settings);
        try {
            if (system.hasRelay() && !system.relayNeedsReceiver()) {
                deployment.start(Role.RELAY);
            }
            if (!system.relayReceives()) {
                deployment.start(Role.RECEIVER);
            }
            if (system.relayNeedsReceiver()) {
                deployment.start(Role.RELAY);
            }
            return deployment;
        } catch (RuntimeException e) {
            deployment.close();
            throw e;
        }
    }

    /** Of a system whose relay is all that has to be there. */
    static Deployment relay(BenchSystem system, Placement placement, RunSettings settings) {
        Deployment deployment = new Deployment(system, placement, settings);
        try {
            deployment.start(Role.RELAY);
            return deployment;
        } catch (RuntimeException e) {
            deployment.close();
            throw e;
        }
    }

    /** As {@link #servers}, and a sender. */
    static Deployment withSender(BenchSystem system, Placement placement, RunSettings settings) {
        Deployment deployment = servers(system, placement, settings);
        try {
            deployment.start(Role.SENDER);
            return deployment;
        } catch (RuntimeException e) {
            deployment.close();
            throw e;
        }
    }

    /** One more process. */
    void start(Role role) {
        start(role, name(role));
    }

    void start(Role role, String name) {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(JVM);
        settings.jvmOptions().forEach(option -> command.add(option.replace("%n", system.id() + "-" + name)));
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                BenchProcess.class.getName(),
                role.name(),
                system.id(),
                placement.address(role),
                settings.work().toString()));
        known.forEach((key, value) -> command.add(key + "=" + value));
        ChildProcess process = new ChildProcess(
                system.id() + " " + name, placement.command(role, command), log(system.id() + "-" + name + ".log"));
        processes.put(name, process);
        known.putAll(Fields.parse(process.awaitEvent("ready", PATIENCE)).values());
    }

    private Path log(String name) {
        try {
            return Files.createDirectories(settings.work().resolve("logs")).resolve(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Fields ask(Role role, String request, Duration patience) {
        return ask(name(role), request, patience);
    }

    Fields ask(String name, String request, Duration patience) {
        return Fields.parse(process(name).ask(request, patience));
    }

    CompletableFuture<Fields> request(String name, String request) {
        return process(name).request(request).thenApply(Fields::parse);
    }

    /** The process that counts what was received. */
    Role receiver() {
        return system.relayReceives() ? Role.RELAY : Role.RECEIVER;
    }

    ChildProcess process(Role role) {
        return process(name(role));
    }

    private ChildProcess process(String name) {
        ChildProcess process = processes.get(name);
        if (process == null) {
            throw new IllegalStateException("no " + name + " of " + system.id());
        }
        return process;
    }

    BenchSystem system() {
        return system;
    }

    private static String name(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        // By itself, so that a profiler can write down what it knows.
        processes.values().forEach(ChildProcess::endInput);
        processes.values().forEach(process -> process.awaitEnd(END_PATIENCE));
        placement.close();
    }
}
