package io.conec.benchmarks;

import io.conec.benchmarks.system.BenchSystem;
import io.conec.benchmarks.system.Systems;
import io.conec.benchmarks.workload.Workload;
import io.conec.benchmarks.workload.Workloads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the command line asks for.
 *
 * @param workloads by id; empty for all
 * @param systems by id; empty for all
 * @param sizes empty for all of the workload
 * @param rounds 0 for what is usual
 * @param update whether a run of some workloads replaces these in the results
 * @param reportOnly whether to make tables and charts of the last results, without measuring
 */
record Options(
        boolean help,
        boolean quick,
        boolean update,
        boolean reportOnly,
        List<String> workloads,
        List<String> systems,
        List<Integer> sizes,
        int rounds,
        List<String> jvmOptions) {
    static final String USAGE = """
        Usage: ./bench [options]

          --quick              a coarse answer in under five minutes
          --only W[,W...]      only these workloads; "group" means all that begin with "group-"
          --systems S[,S...]   only these systems
          --sizes N[,N...]     only these sizes
          --rounds N           so many rounds count (default 5, with --quick 1); one more is run first and thrown away
          --update             put what was measured with --only into results/latest.csv too
          --jmh [PATTERN]      the inner pieces, with JMH
          --report             measure nothing, make tables and charts of results/latest.csv again
          --jvm OPTION         a further option for the measured processes, %%n in it is their name; for example a profiler:
                               --jvm -agentpath:/path/libasyncProfiler.so=start,event=cpu,file=%%n.html
          --no-build           run what was built before
          --help

        A run of everything takes about an hour and a half on two processors, and replaces
        conec-benchmarks/results/latest.csv, latest.md and the charts and tables of
        docs/PERFORMANCE.md; any other run prints its tables and leaves them in conec-benchmarks/results/partial.*

        Workloads: %s
        Systems: %s
        """;

    static Options parse(String... arguments) {
        boolean help = false;
        boolean quick = false;
        boolean update = false;
        boolean reportOnly = false;
        List<String> workloads = List.of();
        List<String> systems = List.of();
        List<Integer> sizes = List.of();
        List<String> jvmOptions = new ArrayList<>();
        int rounds = 0;
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--help", "-h" -> help = true;
                case "--quick" -> quick = true;
                case "--update" -> update = true;
                case "--report" -> reportOnly = true;
                case "--only" -> workloads = list(arguments, ++i);
                case "--systems" -> systems = list(arguments, ++i);
                case "--sizes" ->
                    sizes = list(arguments, ++i).stream().map(Options::number).toList();
                case "--rounds" -> rounds = number(value(arguments, ++i));
                case "--jvm" -> jvmOptions.add(value(arguments, ++i));
                default -> throw new IllegalArgumentException("\"" + arguments[i] + "\" is no option");
            }
        }
        return new Options(help, quick, update, reportOnly, workloads, systems, sizes, rounds, jvmOptions);
    }

    private static String value(String[] arguments, int i) {
        if (i >= arguments.length) {
            throw new IllegalArgumentException(arguments[i - 1] + " needs a value");
        }
        return arguments[i];
    }

    private static List<String> list(String[] arguments, int i) {
        return Arrays.asList(value(arguments, i).split(",", -1));
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("\"" + text + "\" is no number", e);
        }
    }

    static String usage() {
        return USAGE.formatted(
                Workloads.ALL.stream().map(Workload::id).collect(Collectors.joining(", ")),
                Systems.ALL.stream().map(BenchSystem::id).collect(Collectors.joining(", ")));
    }

    /** Whether everything is measured, and as well as it can be. */
    boolean isComplete() {
        return !quick && workloads.isEmpty() && systems.isEmpty() && sizes.isEmpty();
    }

    /** @throws IllegalArgumentException naming those that there are */
    List<Workload> chosenWorkloads() {
        return workloads.isEmpty()
                ? Workloads.ALL.stream()
                        .filter(workload -> !quick || workload.quick())
                        .toList()
                : Workloads.named(workloads);
    }

    List<BenchSystem> systemsFor(Workload workload) {
        List<BenchSystem> chosen = systems.stream().map(Systems::of).toList();
        List<BenchSystem> all = quick && chosen.isEmpty() ? workload.quickSystems() : workload.systems();
        return all.stream()
                .filter(system -> chosen.isEmpty() || chosen.contains(system))
                .toList();
    }

    List<Integer> sizesFor(Workload workload) {
        List<Integer> all = quick && sizes.isEmpty() ? workload.quickSizes() : workload.sizes();
        return all.stream()
                .filter(size -> sizes.isEmpty() || sizes.contains(size))
                .toList();
    }
}
