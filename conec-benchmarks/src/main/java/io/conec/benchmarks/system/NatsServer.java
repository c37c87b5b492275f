package io.conec.benchmarks.system;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A nats-server, a process below this one. */
final class NatsServer implements AutoCloseable {
    private static final int PATIENCE_S = 10;

    private final Process process;
    private final int port;

    private NatsServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Where it is installed. */
    static Optional<Path> program() {
        String named = System.getenv("NATS_SERVER");
        Stream<Path> candidates = named != null
                ? Stream.of(Path.of(named))
                : Stream.concat(
                                Arrays.stream(System.getenv("PATH").split(":", -1))
                                        .map(Path::of),
                                Stream.of(Path.of("/usr/sbin")))
                        .map(directory -> directory.resolve("nats-server"));
        return candidates.filter(Files::isExecutable).findFirst();
    }

    /** Starts one; returns when it listens. */
    static NatsServer start(Site site) throws IOException, InterruptedException {
        int port;
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getByName(site.address()))) {
            port = probe.getLocalPort();
        }
        Path configuration = Files.createTempFile(site.directory(), "nats", ".conf");
        Files.writeString(configuration, """
            listen: "%s:%d"
            tls {
              cert_file: "%s"
              key_file: "%s"
              timeout: 10
            }
            max_connections: 100000
            """.formatted(
                        site.address(),
                        port,
                        site.certificates().certificate(),
                        site.certificates().key()));
        Process process = new ProcessBuilder(program().orElseThrow().toString(), "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        site.directory().resolve("nats-server.log").toFile()))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        NatsServer server = new NatsServer(process, port);
        server.awaitListening(site.address());
        return server;
    }

    private void awaitListening(String address) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (true) {
            try {
                new Socket(address, port).close();
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new IOException("nats-server does not listen", e);
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
