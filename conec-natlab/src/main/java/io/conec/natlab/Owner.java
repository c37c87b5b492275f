package io.conec.natlab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The process that made something, as it is written into the thing's name: whoever finds it later can tell whether anybody still needs it. The start
 * time tells the process from a later one with the same id.
 *
 * @param pid the process
 * @param started its start, in clock ticks since the machine's (proc(5), field 22 of {@code stat})
 */
record Owner(long pid, long started) {
    private static final Pattern NAME = Pattern.compile("conec-natlab-(\\d+)-(\\d+)-.*");

    static Owner current() {
        return of(ProcessHandle.current().pid())
                .orElseThrow(() -> new IllegalStateException("/proc does not show this process"));
    }

    /** The process of that id, if there is one. */
    static Optional<Owner> of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            // The second field is the command in parentheses and may hold anything.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return Optional.of(new Owner(pid, Long.parseLong(fields[19])));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Whose that thing is, if its name is one of ours. */
    static Optional<Owner> ofName(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches()
                ? Optional.of(new Owner(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))))
                : Optional.empty();
    }

    /** A name for a thing of this owner's. */
    String name(String thing) {
        return "conec-natlab-" + pid + "-" + started + "-" + thing;
    }

    boolean isAlive() {
        return of(pid).filter(this::equals).isPresent();
    }
}
