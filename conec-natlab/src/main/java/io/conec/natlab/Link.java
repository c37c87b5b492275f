package io.conec.natlab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An emulated link, running: {@code link.c}'s process. */
public final class Link {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern COUNTS = Pattern.compile(
            "carried=(\\d+) lost=(\\d+) overflowed=(\\d+) blocked=(\\d+) reordered=(\\d+) duplicated=(\\d+)");

    /** What happened to the packets of one direction. */
    public record Counts(long carried, long lost, long overflowed, long blocked, long reordered, long duplicated) {}

    private final ChildProcess process;

    Link(ChildProcess process) {
        this.process = process;
    }

    public void set(LinkSettings settings) {
        process.ask(settings.command(), PATIENCE);
    }

    /** From now on nothing passes, also not what is under way, and nobody is told. */
    void block() {
        process.ask("set block 1", PATIENCE);
    }

    /** From now on packets that are larger pass no more, and nobody is told. */
    void swallow(int largerThanBytes) {
        process.ask("set mtu " + largerThanBytes, PATIENCE);
    }

    void free() {
        process.ask("set block 0", PATIENCE);
    }

    /** Of the direction away from the machine that it connects, then of the other. */
    public List<Counts> counts() {
        Matcher matcher = COUNTS.matcher(process.ask("count", PATIENCE));
        List<Counts> counts = new ArrayList<>();
        while (matcher.find()) {
            long[] n = new long[6];
            for (int i = 0; i < n.length; i++) {
                n[i] = Long.parseLong(matcher.group(i + 1));
            }
            counts.add(new Counts(n[0], n[1], n[2], n[3], n[4], n[5]));
        }
        return counts;
    }
}
