package io.conec.benchmarks.workload;

import io.conec.benchmarks.process.BenchProcess.Role;
import io.conec.benchmarks.process.Fields;
import io.conec.benchmarks.system.BenchSystem;
import io.conec.benchmarks.system.Systems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One sender to many receivers, each a client of its own, in two processes. */
final class GroupFanOut implements Workload {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final List<String> PROCESSES = List.of("members-1", "members-2");

    private final int receivers;
    private final boolean stalled;

    /** @param stalled whether one more member takes nothing */
    GroupFanOut(int receivers, boolean stalled) {
        this.receivers = receivers;
        this.stalled = stalled;
    }

    @Override
    public String id() {
        return "group-" + receivers + (stalled ? "-stalled" : "");
    }

    @Override
    public String title() {
        return "Group of " + receivers + (stalled ? " and one that takes nothing" : "");
    }

    @Override
    public List<BenchSystem> systems() {
        return Systems.with(BenchSystem.Ability.GROUPS);
    }

    /** One of them is enough to see. */
    @Override
    public boolean quick() {
        return receivers == 100 && !stalled;
    }

    @Override
    public List<Integer> sizes() {
        return List.of(1024);
    }

    @Override
    public Trial start(BenchSystem system, RunSettings settings) {
        Deployment deployment = Deployment.relay(system, Placement.loopback(), settings);
        try {
            for (int i = 0; i < PROCESSES.size(); i++) {
                String name = PROCESSES.get(i);
                deployment.start(Role.MEMBERS, name);
                int lazy = stalled && i == 0 ? 1 : 0;
                int count = receivers / PROCESSES.size() + lazy;
                deployment.ask(name, "join " + name + "-" + " " + count + " " + lazy, PATIENCE);
            }
            deployment.start(Role.SENDER);
        } catch (RuntimeException e) {
            deployment.close();
            throw e;
        }
        return new Trial() {
            @Override
            public List<Figure> measure(int size) throws InterruptedException {
                return GroupFanOut.measure(deployment, size, settings);
            }

            @Override
            public void close() {
                deployment.close();
            }
        };
    }

    private static List<Figure> measure(Deployment deployment, int size, RunSettings settings)
            throws InterruptedException {
        deployment.ask(Role.SENDER, "group-pump " + size, PATIENCE);
        Totals before;
        Totals after;
        long cpu;
        try {
            TimeUnit.MILLISECONDS.sleep(settings.settling().toMillis());
            before = totals(deployment);
            cpu = Machine.cpuNanosOfChildren();
            TimeUnit.MILLISECONDS.sleep(settings.window().toMillis());
            after = totals(deployment);
            cpu = Machine.cpuNanosOfChildren() - cpu;
        } finally {
            deployment.ask(Role.SENDER, "stop", PATIENCE);
        }
        double seconds = (after.nanoTime - before.nanoTime) / 1e9;
        double deliveries = after.messages - before.messages;
        List<Figure> figures = new ArrayList<>(List.of(
                new Figure("deliveries", deliveries / seconds, "1/s"),
                new Figure("cpu-per-million", cpu / 1e9 / deliveries * 1e6, "s")));
        if (after.errors > before.errors) {
            figures.add(new Figure("errors", after.errors - before.errors, "messages"));
        }
        return figures;
    }

    private record Totals(long messages, long errors, long nanoTime) {}

    private static Totals totals(Deployment deployment) {
        long messages = 0;
        long errors = 0;
        for (String name : PROCESSES) {
            Fields counts = deployment.ask(name, "counts", PATIENCE);
            messages += counts.number("messages");
            errors += counts.number("errors");
        }
        return new Totals(messages, errors, System.nanoTime());
    }
}
