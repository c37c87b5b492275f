package io.conec.benchmarks.workload;

import io.conec.benchmarks.report.Target;
import io.conec.benchmarks.system.BenchSystem;
import java.util.List;

/** Something that systems are measured at, under equal conditions and one after the other in each round. */
public interface Workload {
    /** For the command line and the results. */
    String id();

    /** What is measured, in a few words. */
    String title();

    /** Which systems can be measured at it. */
    List<BenchSystem> systems();

    /** The sizes of messages, or the one number that stands for them. */
    List<Integer> sizes();

    /** Whether it is part of a coarse run. */
    default boolean quick() {
        return !quickSystems().isEmpty();
    }

    /** Which systems a coarse run measures: those that a target names. */
    default List<BenchSystem> quickSystems() {
        return systems().stream()
                .filter(system -> Target.ALL.stream().anyMatch(target -> target.concerns(id(), system.id())))
                .toList();
    }

    /** Which sizes a coarse run measures. */
    default List<Integer> quickSizes() {
        return sizes();
    }

    /** Whether systems warm up before the rounds, and the first round is thrown away; else each round starts everything anew. */
    default boolean warmsUp() {
        return true;
    }

    /** Why it cannot be measured on this machine; empty if it can. */
    default String obstacle() {
        return "";
    }

    /** Sets a system up for all rounds. */
    Trial start(BenchSystem system, RunSettings settings) throws Exception;
}
