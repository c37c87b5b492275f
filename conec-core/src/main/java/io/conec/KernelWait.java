package io.conec;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Whether a thread waits, by Linux's word (proc(5), {@code /proc/pid/task/tid/stat}): to Java one that waits in the kernel, for a socket for example, runs, as does one that waits for a processor. */
final class KernelWait {
    /** Java does not tell what the system calls a thread, so each has to find out by itself. Empty where the system does not say. */
    private static final ThreadLocal<Optional<Path>> STAT = ThreadLocal.withInitial(KernelWait::find);

    private KernelWait() {}

    /** Where the system tells about the calling thread; empty where it does not. */
    static Optional<Path> currentThread() {
        return STAT.get();
    }

    /** Whether that thread waits for something that is no processor. Also if it cannot be told. */
    static boolean isIn(Optional<Path> thread) {
        if (thread.isEmpty()) {
            return true;
        }
        try {
            // The state is behind the name, which may have anything in it, half a character too.
            String stat = Files.readString(thread.get(), StandardCharsets.ISO_8859_1);
            return stat.charAt(stat.lastIndexOf(')') + 2) != 'R';
        } catch (IOException | IndexOutOfBoundsException e) {
            // It has ended, for example.
            return true;
        }
    }

    private static Optional<Path> find() {
        try {
            Path proc = Path.of("/proc");
            Path stat = proc.resolve(Files.readSymbolicLink(proc.resolve("thread-self")))
                    .resolve("stat");
            return Files.isReadable(stat) ? Optional.of(stat) : Optional.empty();
        } catch (IOException | UnsupportedOperationException | SecurityException e) {
            return Optional.empty();
        }
    }
}
