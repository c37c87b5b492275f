package io.conec.benchmarks.workload;

import io.conec.benchmarks.process.BenchProcess.Role;
import io.conec.benchmarks.process.Fields;
import io.conec.benchmarks.system.BenchSystem;
import io.conec.benchmarks.system.Systems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Requests of 64 bytes with an answer as long, 64 at a time, in the way that each system has for that. */
final class Requests implements Workload {
    private static final int IN_FLIGHT = 64;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Override
    public String id() {
        return "requests";
    }

    @Override
    public String title() {
        return "Requests, " + IN_FLIGHT + " in flight";
    }

    @Override
    public List<BenchSystem> systems() {
        return Systems.with(BenchSystem.Ability.REQUESTS);
    }

    @Override
    public List<Integer> sizes() {
        return List.of(64);
    }

    @Override
    public Trial start(BenchSystem system, RunSettings settings) {
        Deployment deployment = Deployment.withSender(system, Placement.loopback(), settings);
        return new Trial() {
            @Override
            public List<Figure> measure(int size) {
                Fields report = deployment.ask(
                        Role.SENDER,
                        "requests " + size + " " + IN_FLIGHT + " "
                                + settings.window().toMillis(),
                        PATIENCE);
                List<Figure> figures = new ArrayList<>();
                figures.add(new Figure("requests", report.number("count") / (report.number("nanos") / 1e9), "1/s"));
                PingPong.percentiles("request", report, figures);
                if (report.number("errors") > 0) {
                    figures.add(new Figure("errors", report.number("errors"), "requests"));
                }
                return figures;
            }

            @Override
            public void close() {
                deployment.close();
            }
        };
    }
}
