package io.conec.security;

import static io.conec.security.IdentityTests.assertInvalid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.conec.ClientId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link Identity#loadOrCreate}. */
class IdentityStoreTests {
    private static final ClientId ALICE = new ClientId("alice");

    @TempDir
    private Path directory;

    @Test
    void keepsTheIdentityThatItMade() {
        Identity first = Identity.loadOrCreate(directory.resolve("new"), () -> Identity.generate(ALICE));
        Identity second = Identity.loadOrCreate(directory.resolve("new"), () -> {
            throw new AssertionError("there is one");
        });

        assertThat(second.fingerprint()).isEqualTo(first.fingerprint());
    }

    @Test
    void makesOneIdentityHoweverManyStartAtOnce() throws Exception {
        AtomicInteger made = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        Callable<Fingerprint> starting = () -> {
            start.await();
            return Identity.loadOrCreate(directory, () -> {
                        made.incrementAndGet();
                        return Identity.generate(ALICE);
                    })
                    .fingerprint();
        };
        ExecutorService executor = Executors.newFixedThreadPool(8);
        try {
            List<Future<Fingerprint>> starts = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                starts.add(executor.submit(starting));
            }
            start.countDown();
            Fingerprint expected = starts.get(0).get(30, TimeUnit.SECONDS);
            for (Future<Fingerprint> each : starts) {
                assertThat(each.get(30, TimeUnit.SECONDS)).isEqualTo(expected);
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(made).hasValue(1);
    }

    @Test
    void makesOneIdentityHoweverManyProcessesStartAtOnce() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            processes.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            LoadOrCreate.class.getName(),
                            directory.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        }
        List<String> printed = new ArrayList<>();
        try {
            for (Process process : processes) {
                printed.add(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
                assertThat(process.waitFor()).isZero();
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }

        Identity kept = Identity.load(directory.resolve("conec.crt"), directory.resolve("conec.key"));
        assertThat(printed).containsOnly(kept.fingerprint().toString());
    }

    /** A process of {@link #makesOneIdentityHoweverManyProcessesStartAtOnce}. */
    static final class LoadOrCreate {
        private LoadOrCreate() {}

        public static void main(String[] directory) {
            System.out.println(Identity.loadOrCreate(Path.of(directory[0]), () -> Identity.generate(ALICE))
                    .fingerprint());
        }
    }

    @Test
    void replacesAnExpiredIdentity() {
        Instant now = Instant.now();
        Identity expired = Identity.loadOrCreate(
                directory,
                () -> Identity.generate(
                        ALICE, new Validity(now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)))));

        Identity renewed = Identity.loadOrCreate(directory, () -> Identity.generate(ALICE));

        assertThat(renewed.fingerprint()).isNotEqualTo(expired.fingerprint());
        assertThat(Identity.load(directory.resolve("conec.crt"), directory.resolve("conec.key"))
                        .fingerprint())
                .isEqualTo(renewed.fingerprint());
    }

    @Test
    void takesAKeptKeyBackFromOtherUsers() throws IOException {
        assumeTrue(Files.getFileStore(directory).supportsFileAttributeView("posix"));
        Identity.loadOrCreate(directory, () -> Identity.generate(ALICE));
        Path key = directory.resolve("conec.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-rw-r--"));

        Identity.loadOrCreate(directory, () -> Identity.generate(ALICE));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
    }

    @Test
    void doesNotReplaceHalfAnIdentity() throws IOException {
        Identity.loadOrCreate(directory, () -> Identity.generate(ALICE));
        Files.delete(directory.resolve("conec.crt"));

        assertInvalid(
                () -> Identity.loadOrCreate(directory, () -> Identity.generate(ALICE)),
                directory.resolve("conec.key") + " is there without " + directory.resolve("conec.crt"));
    }
}
