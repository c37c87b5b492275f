package io.conec.benchmarks.workload;

import io.conec.benchmarks.process.BenchProcess.Role;
import io.conec.benchmarks.process.Fields;
import io.conec.benchmarks.system.BenchSystem;
import io.conec.benchmarks.system.BenchSystem.Ability;
import io.conec.benchmarks.system.Systems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Connections, or channels between clients, made and closed again, so many at a time. */
final class SetUps implements Workload {
    private static final int PARALLEL = 64;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String PEERS = "peer-";

    private final boolean introductions;

    private SetUps(boolean introductions) {
        this.introductions = introductions;
    }

    static SetUps ofConnections() {
        return new SetUps(false);
    }

    static SetUps ofIntroductions() {
        return new SetUps(true);
    }

    @Override
    public String id() {
        return introductions ? "introductions" : "set-ups";
    }

    @Override
    public String title() {
        return (introductions ? "Channels between clients opened, " : "Connections set up, ") + PARALLEL + " at a time";
    }

    @Override
    public List<BenchSystem> systems() {
        return Systems.with(introductions ? Ability.INTRODUCTIONS : Ability.CONNECTIONS);
    }

    @Override
    public List<Integer> sizes() {
        return List.of(0);
    }

    @Override
    public Trial start(BenchSystem system, RunSettings settings) {
        Deployment deployment = introductions
                ? Deployment.relay(system, Placement.loopback(), settings)
                : Deployment.servers(system, Placement.loopback(), settings);
        try {
            if (introductions) {
                deployment.start(Role.MEMBERS);
                deployment.ask(Role.MEMBERS, "join " + PEERS + " " + PARALLEL + " 0", PATIENCE);
            }
            deployment.start(Role.CONNECTOR);
        } catch (RuntimeException e) {
            deployment.close();
            throw e;
        }
        return new Trial() {
            @Override
            public List<Figure> measure(int size) {
                return SetUps.this.measure(deployment, settings);
            }

            @Override
            public void close() {
                deployment.close();
            }
        };
    }

    private List<Figure> measure(Deployment deployment, RunSettings settings) {
        long server = deployment
                .process(introductions ? Role.RELAY : deployment.receiver())
                .pid();
        long cpu = Machine.cpuNanos(server, false);
        Fields report = deployment.ask(
                Role.CONNECTOR,
                "cycle " + PEERS + " " + PARALLEL + " " + settings.window().toMillis(),
                PATIENCE);
        cpu = Machine.cpuNanos(server, false) - cpu;
        double count = report.number("count");
        List<Figure> figures = new ArrayList<>(List.of(
                new Figure(id(), count / (report.number("nanos") / 1e9), "1/s"),
                new Figure("server-cpu", cpu / 1e6 / count, "ms")));
        if (report.number("errors") > 0) {
            figures.add(new Figure("errors", report.number("errors"), "connections"));
        }
        return figures;
    }
}
