package io.conec.natlab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How long relayed streams stood still after faults had ended, over the laboratory's run. Safe for several threads. */
final class Recoveries {
    private static final List<Duration> ALL = Collections.synchronizedList(new ArrayList<>());

    private Recoveries() {}

    /** Takes what each stream, in each direction, took after one fault. */
    static void add(String fault, List<Duration> delays) {
        ALL.addAll(delays);
        System.out.printf(
                "recovery: %s: %s%n",
                fault, delays.stream().map(Duration::toMillis).sorted().toList());
    }

    /** All so far, the shortest first. */
    static List<Duration> sorted() {
        synchronized (ALL) {
            return ALL.stream().sorted().toList();
        }
    }
}
