package io.conec.benchmarks.workload;

import io.conec.benchmarks.report.Results;
import io.conec.benchmarks.report.Row;
import io.conec.benchmarks.system.BenchSystem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a workload: in each round every system once, so that what changes on the machine changes for all. */
public final class Rounds {
    /** How often a disturbed measurement is tried again. */
    private static final int ATTEMPTS = 3;

    /** What a system does when it is its turn. */
    private interface Turn {
        void take(Trial trial) throws Exception;
    }

    private final RunSettings settings;
    private final List<Row> rows = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();

    public Rounds(RunSettings settings) {
        this.settings = settings;
    }

    public List<Row> rows() {
        return rows;
    }

    /** What could not be measured, and why. */
    public List<String> missing() {
        return missing;
    }

    public void run(Workload workload, List<BenchSystem> systems, List<Integer> sizes) throws InterruptedException {
        if (!workload.obstacle().isEmpty()) {
            miss(workload, "all systems", workload.obstacle());
            return;
        }
        Map<BenchSystem, Trial> trials = new LinkedHashMap<>();
        try {
            for (BenchSystem system : systems) {
                start(workload, system, trials);
            }
            if (workload.warmsUp()) {
                warmUp(workload, trials, sizes);
            }
            for (int round = workload.warmsUp() ? 0 : 1; round <= settings.roundsThatCount(); round++) {
                round(workload, trials, sizes, round);
            }
        } finally {
            trials.values().forEach(Rounds::close);
        }
    }

    private void start(Workload workload, BenchSystem system, Map<BenchSystem, Trial> trials) {
        if (!system.obstacle().isEmpty()) {
            miss(workload, system.id(), system.obstacle());
            return;
        }
        try {
            trials.put(system, workload.start(system, settings));
        } catch (Exception e) {
            miss(workload, system.id(), e.toString());
        }
    }

    private void round(Workload workload, Map<BenchSystem, Trial> trials, List<Integer> sizes, int round)
            throws InterruptedException {
        for (int size : sizes) {
            for (BenchSystem system : List.copyOf(trials.keySet())) {
                String when = "in round " + round + " at size " + size;
                turn(workload, system, trials, when, trial -> measure(workload, system, trial, size, round));
            }
        }
    }

    /** In the order of the rounds, with their pauses: what a program does only after a pause has its compilers begin again. */
    private void warmUp(Workload workload, Map<BenchSystem, Trial> trials, List<Integer> sizes)
            throws InterruptedException {
        List<WarmUp> warmUps = new ArrayList<>();
        for (int size : sizes) {
            trials.keySet().forEach(system -> warmUps.add(new WarmUp(system, size, settings)));
        }
        while (!warmUps.isEmpty()) {
            for (WarmUp warmUp : warmUps) {
                String when = "while it warms up at size " + warmUp.size();
                turn(workload, warmUp.system(), trials, when, trial -> {
                    awaitQuiet();
                    warmUp.measure(trial);
                });
            }
            warmUps.removeIf(warmUp -> warmUp.isOver() || !trials.containsKey(warmUp.system()));
        }
    }

    /** A system's, if it is still there. One that fails is there no more, and the others go on. */
    private void turn(Workload workload, BenchSystem system, Map<BenchSystem, Trial> trials, String when, Turn turn)
            throws InterruptedException {
        Trial trial = trials.get(system);
        if (trial == null) {
            return;
        }
        try {
            turn.take(trial);
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            miss(workload, system.id(), when + ": " + e);
            trials.remove(system);
            close(trial);
        }
    }

    private void measure(Workload workload, BenchSystem system, Trial trial, int size, int round) throws Exception {
        for (int attempt = 1; ; attempt++) {
            awaitQuiet();
            Machine.Usage before = Machine.usage();
            List<Figure> figures = trial.measure(size);
            Machine.Usage after = Machine.usage();
            double foreign = after.foreignSince(before);
            // The first round is thrown away anyway.
            if (foreign <= Results.NOISE || round == 0 || settings.quick() || attempt == ATTEMPTS) {
                record(workload, system, size, round, figures, foreign);
                return;
            }
            say("%s %s %d B: again, other programs took %.2f processors", workload.id(), system.id(), size, foreign);
        }
    }

    private void record(
            Workload workload, BenchSystem system, int size, int round, List<Figure> figures, double foreign) {
        List<Figure> all = new ArrayList<>(figures);
        all.add(new Figure(Row.FOREIGN_CPU, foreign, "processors"));
        all.add(new Figure(Row.LOAD, Machine.load(), ""));
        for (Figure figure : all) {
            rows.add(new Row(workload.id(), system.id(), size, figure.metric(), figure.value(), figure.unit(), round));
        }
        StringBuilder line = new StringBuilder();
        figures.forEach(figure -> line.append(
                String.format(Locale.ROOT, "  %s %.4g %s", figure.metric(), figure.value(), figure.unit())));
        say(
                "%s round %d, %s, %d B:%s%s",
                workload.id(),
                round,
                system.id(),
                size,
                line,
                foreign > Results.NOISE ? String.format(Locale.ROOT, "  NOISY, %.2f processors", foreign) : "");
    }

    /** Until other people's programs take little, or patience ends. */
    private void awaitQuiet() throws InterruptedException {
        long deadline = System.nanoTime() + settings.patienceWithNoise().toNanos();
        while (System.nanoTime() < deadline) {
            Machine.Usage before = Machine.usage();
            TimeUnit.MILLISECONDS.sleep(200);
            if (Machine.usage().foreignSince(before) <= Results.NOISE) {
                return;
            }
        }
    }

    private void miss(Workload workload, String system, String reason) {
        missing.add(workload.id() + ", " + system + ": " + reason);
        say("MISSING: %s, %s: %s", workload.id(), system, reason);
    }

    private static void close(Trial trial) {
        try {
            trial.close();
        } catch (RuntimeException e) {
            say("not closed: %s", e);
        }
    }

    private static void say(String format, Object... arguments) {
        System.out.printf(Locale.ROOT, format + "%n", arguments);
    }
}
