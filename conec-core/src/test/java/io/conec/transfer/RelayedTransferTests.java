package io.conec.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A coordinator and two clients, each a process with 256 MiB of heap, and 1 GiB each way at once through the relay. */
class RelayedTransferTests {
    private static final int STREAMS = 4;
    private static final long BYTES_PER_STREAM = (1L << 30) / STREAMS;

    private final List<Process> started = new ArrayList<>();

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void losesReordersAndDuplicatesNothing() throws Exception {
        Process coordinator = start("coordinator");
        String[] listening = expect(coordinator, "listening").split(" ", -1);
        Process alice = client("alice", "bob", listening);
        Process bob = client("bob", "alice", listening);
        expect(alice, "connected");
        expect(bob, "connected");

        begin(alice);
        begin(bob);
        String aliceDone = expect(alice, "done");
        String bobDone = expect(bob, "done");

        assertThat(List.of(aliceDone, bobDone))
                .allSatisfy(done ->
                        assertThat(bytesReceived(done)).as(done).isGreaterThanOrEqualTo(STREAMS * BYTES_PER_STREAM));
        assertThat(end(alice)).isZero();
        assertThat(end(bob)).isZero();
        coordinator.getOutputStream().close();
        long relayed = Long.parseLong(expect(coordinator, "relayed").split(" ", -1)[1]);
        assertThat(relayed).isGreaterThan(2 * STREAMS * BYTES_PER_STREAM);
        assertThat(end(coordinator)).isZero();
    }

    @AfterEach
    void endWhatWasStarted() {
        started.forEach(Process::destroyForcibly);
    }

    private Process client(String id, String peer, String[] listening) throws IOException {
        return start(
                "client",
                id,
                peer,
                listening[1],
                listening[2],
                Integer.toString(STREAMS),
                Long.toString(BYTES_PER_STREAM));
    }

    private Process start(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                TransferProcess.class.getName()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.directory(new File("target"));
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static void begin(Process process) throws IOException {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    private static int end(Process process) throws IOException, InterruptedException {
        process.getOutputStream().close();
        return process.waitFor();
    }

    /** The next line that begins with this word; anything before it is log. */
    private static String expect(Process process, String word) throws IOException {
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith(word)) {
                return line;
            }
            System.out.println(line);
        }
        throw new IllegalStateException("the process ended without a line that begins with \"" + word + "\"");
    }

    private static long bytesReceived(String done) {
        return Long.parseLong(done.replaceAll(".*bytesReceived=(\\d+).*", "$1"));
    }
}
