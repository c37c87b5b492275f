package io.conec.sample.client;

import java.io.PrintStream;
import java.util.Locale;

/**
 * How far a transfer is: a bar that redraws itself on a terminal, a line for every tenth elsewhere. Guarded by its own
 * lock.
 */
final class ProgressBar {
    private static final int WIDTH = 30;

    private final PrintStream out;
    private final boolean terminal;
    private final String name;
    private final long total;
    private final long startNanos = System.nanoTime();
    private long sent;
    private int shown = -1;

    ProgressBar(PrintStream out, boolean terminal, String name, long total) {
        this.out = out;
        this.terminal = terminal;
        this.name = name;
        this.total = total;
    }

    synchronized void advance(long bytes) {
        // The last of it is the other side's to say.
        sent = Math.min(sent + bytes, total);
        int percent = Math.min(99, (int) (100 * sent / Math.max(1, total)));
        int step = terminal ? 1 : 10;
        if (percent / step > shown / step) {
            show(percent);
        }
    }

    /** The transfer is over and went well; what advances now does so for nothing. */
    synchronized void complete() {
        if (shown < 100) {
            sent = total;
            show(100);
        }
    }

    private void show(int percent) {
        shown = percent;
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        String line = String.format(
                Locale.ROOT,
                "%s %3d %% of %.1f MB, %.1f MB/s",
                name,
                percent,
                total / 1e6,
                sent / 1e6 / Math.max(0.001, seconds));
        if (terminal) {
            int filled = WIDTH * percent / 100;
            out.print("\r[" + "#".repeat(filled) + " ".repeat(WIDTH - filled) + "] " + line
                    + (percent == 100 ? "\n" : ""));
            out.flush();
        } else {
            out.println(line);
        }
    }
}
