package io.conec.natlab;

import io.conec.ChannelPath;
import io.conec.client.PathPolicy;
import io.conec.natlab.process.ClientMain;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A client in a process of its own. */
final class ClientProcess {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** A path that a channel has had, and since when ({@link System#nanoTime()}). */
    record PathSince(ChannelPath.Kind kind, long nanoTime) {}

    private final Host host;
    private final ChildProcess process;

    private ClientProcess(Host host, ChildProcess process) {
        this.host = host;
        this.process = process;
    }

    /** Starts one on that host, under the host's name; does not wait until it is connected. */
    static ClientProcess start(Laboratory laboratory, Host host, CoordinatorProcess coordinator, PathPolicy policy) {
        return start(laboratory, host, coordinator, policy, List.of());
    }

    /** As {@link #start(Laboratory, Host, CoordinatorProcess, PathPolicy)}, with a router before it that forwards a port to the same port of the client. */
    static ClientProcess start(
            Laboratory laboratory, Host host, CoordinatorProcess coordinator, PathPolicy policy, int forwardedPort) {
        return start(
                laboratory,
                host,
                coordinator,
                policy,
                List.of(Integer.toString(forwardedPort), host.uplink().v4()));
    }

    private static ClientProcess start(
            Laboratory laboratory,
            Host host,
            CoordinatorProcess coordinator,
            PathPolicy policy,
            List<String> forwarded) {
        Uplink server = coordinator.host().uplink();
        String address = host.uplink().family().v4() && server.family().v4() ? server.v4() : server.v6();
        List<String> arguments = new ArrayList<>(List.of(
                host.name(),
                address,
                Integer.toString(CoordinatorProcess.PORT),
                coordinator.fingerprint(),
                policy.name()));
        arguments.addAll(forwarded);
        return new ClientProcess(
                host,
                laboratory.java(host.name(), host.namespace(), ClientMain.class, arguments.toArray(String[]::new)));
    }

    /** SIGKILL. */
    void kill() {
        process.kill();
    }

    Host host() {
        return host;
    }

    String id() {
        return host.name();
    }

    void awaitConnected() {
        org.awaitility.Awaitility.await(id() + " is connected").atMost(PATIENCE).until(() -> events("connected") > 0);
    }

    /** How often it told of something that begins with that word. */
    long events(String word) {
        return process.events().stream().filter(event -> event.startsWith(word)).count();
    }

    List<String> events() {
        return process.events();
    }

    void open(ClientProcess peer) {
        ask("open " + peer.id());
    }

    /** Opens a channel and waits until both sides send that way. */
    void open(ClientProcess peer, ChannelPath.Kind kind, Duration patience) {
        open(peer);
        org.awaitility.Awaitility.await("path to " + peer.id())
                .atMost(patience)
                .until(() -> path(peer) == kind && peer.path(this) == kind);
    }

    void close(ClientProcess peer) {
        ask("close " + peer.id());
    }

    ChannelPath.Kind path(ClientProcess peer) {
        return ChannelPath.Kind.valueOf(ask("path " + peer.id()).split(" ", 2)[0]);
    }

    /** All paths that its channels to that peer have had, in order. */
    List<PathSince> paths(ClientProcess peer) {
        String paths = ask("paths " + peer.id());
        return paths.isEmpty()
                ? List.of()
                : Arrays.stream(paths.split(" ", -1))
                        .map(path -> path.split("@", 2))
                        .map(path -> new PathSince(ChannelPath.Kind.valueOf(path[0]), Long.parseLong(path[1])))
                        .toList();
    }

    String ask(String request) {
        return process.ask(request, PATIENCE);
    }

    CompletableFuture<String> request(String request) {
        return process.request(request);
    }

    String await(CompletableFuture<String> answer, String request, Duration patience) {
        return process.await(answer, request, patience);
    }
}
