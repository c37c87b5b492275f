package io.conec.benchmarks.workload;

import java.util.List;

/** All of them, in the order in which they run. */
public final class Workloads {
    public static final List<Workload> ALL = List.of(
            new OneWay(),
            new PingPong(),
            new Requests(),
            new GroupFanOut(10, false),
            new GroupFanOut(16, false),
            new GroupFanOut(100, false),
            new GroupFanOut(1000, false),
            new GroupFanOut(10, true),
            new GroupFanOut(100, true),
            new GroupFanOut(1000, true),
            SetUps.ofConnections(),
            SetUps.ofIntroductions(),
            LossyLink.throughput("loss-0", 0),
            LossyLink.throughput("loss-0.1", 0.001),
            LossyLink.throughput("loss-1", 0.01),
            new LossyStreams(),
            new IdleClients(1000),
            new IdleClients(5000));

    private Workloads() {}

    /** Those whose id is one of these or begins with one of these and a hyphen. */
    public static List<Workload> named(List<String> names) {
        for (String name : names) {
            if (ALL.stream().noneMatch(workload -> isNamed(workload, name))) {
                throw new IllegalArgumentException("no workload \"" + name + "\"; there are "
                        + String.join(", ", ALL.stream().map(Workload::id).toList()));
            }
        }
        return ALL.stream()
                .filter(workload -> names.stream().anyMatch(name -> isNamed(workload, name)))
                .toList();
    }

    private static boolean isNamed(Workload workload, String name) {
        return workload.id().equals(name) || workload.id().startsWith(name + "-");
    }
}
