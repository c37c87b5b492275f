package io.conec.natlab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs short commands of the system. */
final class Shell {
    private static final int PATIENCE_S = 60;

    private Shell() {}

    /**
     * Runs the command to its end.
     *
     * @return what it printed, errors included
     * @throws IllegalStateException with that, if it failed
     */
    static String run(String... command) {
        return run(List.of(command), "");
    }

    /** As {@link #run(String...)}, with something on its standard input. */
    static String run(List<String> command, String input) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(input.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                // It has ended without reading, which its exit code explains better.
                process.destroy();
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException(String.join(" ", command) + ": no end in " + PATIENCE_S + " s");
            }
            if (process.exitValue() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": exit code " + process.exitValue()
                        + (output.isEmpty() ? "" : ": " + output) + (input.isEmpty() ? "" : "\ninput:\n" + input));
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted during " + String.join(" ", command), e);
        }
    }
}
