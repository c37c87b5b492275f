package io.conec.natlab;

import static org.awaitility.Awaitility.await;

import io.conec.natlab.process.CoordinatorMain;
import java.time.Duration;

/** A coordinator that can be killed and started again, on the same address and with the same identity. */
final class CoordinatorProcess {
    static final int PORT = 1719;

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Laboratory laboratory;
    private final Host host;
    private ChildProcess process;

    private CoordinatorProcess(Laboratory laboratory, Host host) {
        this.laboratory = laboratory;
        this.host = host;
        process = launch();
    }

    /** Starts one; does not wait until it listens. */
    static CoordinatorProcess start(Laboratory laboratory, Host host) {
        return new CoordinatorProcess(laboratory, host);
    }

    private ChildProcess launch() {
        return laboratory.java(
                host.name(),
                host.namespace(),
                CoordinatorMain.class,
                Integer.toString(PORT),
                laboratory.directory().resolve(host.name()).toString());
    }

    Host host() {
        return host;
    }

    /** Of its certificate, as soon as it listens. */
    String fingerprint() {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(
                        () -> process.events().stream()
                                .filter(event -> event.startsWith("listening "))
                                .findFirst(),
                        java.util.Optional::isPresent)
                .orElseThrow()
                .split(" ", -1)[1];
    }

    /** SIGKILL. */
    void kill() {
        process.kill();
    }

    /** Starts it again after {@link #kill}; returns when it listens. */
    void restart() {
        process = launch();
        fingerprint();
    }

    /** SIGSTOP. */
    void pause() {
        process.signal("STOP");
    }

    /** SIGCONT. */
    void resume() {
        process.signal("CONT");
    }

    long relayedBytes() {
        return Report.parse(process.ask("statistics", PATIENCE)).number("relayedBytes");
    }
}
