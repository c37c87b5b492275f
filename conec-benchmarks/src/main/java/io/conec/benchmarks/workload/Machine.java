package io.conec.benchmarks.workload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.ToLongFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the processors of this machine did, as Linux counts it, to a hundredth of a second. */
public final class Machine {
    private static final long NANOS_PER_TICK = 10_000_000;
    private static final Path PROC = Path.of("/proc");
    private static final Pattern COMPILER = Pattern.compile("C[12] Compiler");

    /**
     * Processor time since the machine's start.
     *
     * @param busy of everybody's programs and the kernel's work for them
     * @param own of this process and all below it, those that have ended included
     * @param stolen taken by the host of a virtual machine
     * @param nanoTime when
     */
    record Usage(long busy, long own, long stolen, long nanoTime) {
        /** Other people's programs since then, in processors: 1 is one that was busy all the time. */
        double foreignSince(Usage before) {
            double foreign = (busy - before.busy) - (own - before.own);
            return Math.max(0, foreign) / (nanoTime - before.nanoTime);
        }

        double stolenSince(Usage before) {
            return (double) (stolen - before.stolen) / (nanoTime - before.nanoTime);
        }
    }

    private Machine() {}

    static Usage usage() {
        // cpu user nice system idle iowait irq softirq steal ...
        String[] fields =
                read(PROC.resolve("stat")).lines().findFirst().orElseThrow().split(" +", -1);
        long busy = ticks(fields[1]) + ticks(fields[2]) + ticks(fields[3]);
        return new Usage(
                busy,
                cpuNanosOfChildren() + cpuNanos(ProcessHandle.current().pid(), true),
                ticks(fields[8]),
                System.nanoTime());
    }

    /** Processor time of all processes below this one that live. */
    static long cpuNanosOfChildren() {
        return sumOfChildren(process -> cpuNanos(process.pid(), true));
    }

    /** Processor time of a process and of all below it that live. */
    static long cpuNanosOfTree(ProcessHandle process) {
        try (Stream<ProcessHandle> descendants = process.descendants()) {
            return cpuNanos(process.pid(), false)
                    + descendants.mapToLong(each -> cpuNanos(each.pid(), false)).sum();
        }
    }

    /** Processor time of the compilers of all Java processes below this one that live, as far as their threads do. */
    static long compilerNanosOfChildren() {
        return sumOfChildren(process -> compilerNanos(process.pid()));
    }

    private static long sumOfChildren(ToLongFunction<ProcessHandle> nanos) {
        try (Stream<ProcessHandle> descendants = ProcessHandle.current().descendants()) {
            return descendants.mapToLong(nanos).sum();
        }
    }

    private static long compilerNanos(long pid) {
        try (Stream<Path> threads = Files.list(PROC.resolve(Long.toString(pid)).resolve("task"))) {
            return threads.filter(Machine::compiles)
                    .mapToLong(thread -> cpuNanos(thread.resolve("stat"), false))
                    .sum();
        } catch (IOException | UncheckedIOException e) {
            // It has ended.
            return 0;
        }
    }

    private static boolean compiles(Path thread) {
        try {
            return COMPILER.matcher(Files.readString(thread.resolve("comm"))).lookingAt();
        } catch (IOException e) {
            return false;
        }
    }

    /** Processor time of a process, with that of its ended children if asked; 0 if it has ended. */
    static long cpuNanos(long pid, boolean withEnded) {
        return cpuNanos(PROC.resolve(Long.toString(pid)).resolve("stat"), withEnded);
    }

    private static long cpuNanos(Path stat, boolean withEnded) {
        String line;
        try {
            line = Files.readString(stat);
        } catch (IOException e) {
            return 0;
        }
        // The second field is the command in parentheses and may hold anything.
        String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = ticks(fields[11]) + ticks(fields[12]);
        return withEnded ? ticks + ticks(fields[13]) + ticks(fields[14]) : ticks;
    }

    /** Resident memory of a process, in bytes. */
    static long residentBytes(long pid) {
        return read(PROC.resolve(Long.toString(pid)).resolve("status"))
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElse(0);
    }

    /** Runnable processes, averaged over a minute. */
    static double load() {
        return Double.parseDouble(read(PROC.resolve("loadavg")).split(" ", 2)[0]);
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long ticks(String field) {
        return Long.parseLong(field) * NANOS_PER_TICK;
    }
}
