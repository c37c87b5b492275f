package io.conec.sample.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ConecStream;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.security.Identity;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplicationAotProcessor;

/** The application, processed ahead of time as {@code spring-boot:process-aot} does it, started from the processed classes on the JVM. */
final class AotTests {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String APPLICATION = SampleClientApplication.class.getName();

    @TempDir
    private Path directory;

    @Test
    void theApplicationStartsFromProcessedClassesAndWorks() throws Exception {
        Path sources = directory.resolve("sources");
        Path resources = directory.resolve("resources");
        Path classes = directory.resolve("classes");
        run(
                "process",
                LIMIT,
                List.of(),
                classPath(),
                SpringApplicationAotProcessor.class.getName(),
                APPLICATION,
                sources.toString(),
                resources.toString(),
                classes.toString(),
                "io.conec",
                "sample",
                "--conec.client.id=aot");
        compile(sources, classes);
        assertThat(classes.resolve(APPLICATION.replace('.', '/') + "__ApplicationContextInitializer.class"))
                .exists();
        // What a native image would be told.
        try (Stream<Path> files = Files.walk(resources)) {
            assertThat(files.filter(path -> path.endsWith("reachability-metadata.json")))
                    .singleElement()
                    .satisfies(metadata -> assertThat(Files.readString(metadata))
                            .contains(
                                    "io.conec.sample.client.Chat",
                                    "io.conec.sample.client.Coordinator$About",
                                    "lobby"));
        }

        try (ConecCoordinator coordinator = coordinator()) {
            Process application = start(
                    "application",
                    List.of("-Dspring.aot.enabled=true"),
                    classes + File.pathSeparator + resources + File.pathSeparator + classPath(),
                    APPLICATION,
                    "--conec.client.id=aot",
                    "--conec.client.bind-address=127.0.0.1",
                    "--conec.client.coordinator.address=127.0.0.1",
                    "--conec.client.coordinator.port="
                            + coordinator.localAddress().getPort(),
                    "--conec.client.coordinator.certificate-fingerprint="
                            + coordinator.identity().fingerprint().value());
            try {
                await().atMost(LIMIT).until(() -> log("application").contains("Started SampleClientApplication"));
                assertThat(log("application")).contains("Starting AOT-processed SampleClientApplication");
                await().atMost(LIMIT).until(() -> coordinator.client("aot").isPresent());
                try (ConecStream chat = coordinator
                        .client("aot")
                        .orElseThrow()
                        .openStream("chat")
                        .join()) {
                    chat.send("hello");
                    assertThat(chat.receive(LIMIT).orElseThrow().text()).isEqualTo("seen");
                }
                await().atMost(LIMIT).until(() -> !coordinator.hostedGroups().isEmpty());
            } finally {
                application.destroy();
                assertThat(application.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                        .isTrue();
            }
        }
    }

    private static ConecCoordinator coordinator() {
        ConecCoordinator coordinator =
                new ConecCoordinator(CoordinatorConfig.builder(Identity.generateForHosts(List.of("localhost")))
                        .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .build());
        coordinator.start();
        return coordinator;
    }

    /** Of the application, without its tests. */
    private static String classPath() {
        String tests = Path.of("target", "test-classes").toAbsolutePath().toString();
        return Arrays.stream(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
                        .split(File.pathSeparator))
                .filter(entry -> !entry.equals(tests))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private void compile(Path sources, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> arguments = new ArrayList<>(
                List.of("-d", classes.toString(), "-cp", classes + File.pathSeparator + classPath(), "-proc:none"));
        try (Stream<Path> files = Files.walk(sources)) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::toString)
                    .forEach(arguments::add);
        }
        assertThat(compiler.run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
    }

    private void run(
            String name, Duration limit, List<String> options, String classPath, String main, String... arguments)
            throws IOException, InterruptedException {
        Process process = start(name, options, classPath, main, arguments);
        boolean ended = process.waitFor(limit.toSeconds(), TimeUnit.SECONDS);
        process.destroyForcibly();
        assertThat(ended && process.exitValue() == 0).as(log(name)).isTrue();
    }

    private Process start(String name, List<String> options, String classPath, String main, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name + ".log").toFile())
                .start();
    }

    private String log(String name) throws IOException {
        return Files.readString(directory.resolve(name + ".log"));
    }
}
