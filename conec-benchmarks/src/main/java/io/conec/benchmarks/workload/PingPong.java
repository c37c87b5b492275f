package io.conec.benchmarks.workload;

import io.conec.benchmarks.process.BenchProcess.Role;
import io.conec.benchmarks.process.Fields;
import io.conec.benchmarks.system.BenchSystem;
import io.conec.benchmarks.system.Systems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One message there and back: one at a time, then at 25, 50 and 75 % of that rate, timed from when each was to be sent. */
final class PingPong implements Workload {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @Override
    public String id() {
        return "ping-pong";
    }

    @Override
    public String title() {
        return "Ping-pong, one stream";
    }

    @Override
    public List<BenchSystem> systems() {
        return Systems.with(BenchSystem.Ability.ROUND_TRIPS);
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
                long millis = settings.window().toMillis();
                List<Figure> figures = new ArrayList<>();
                Fields closed = deployment.ask(Role.SENDER, "closed-loop " + size + " " + millis, PATIENCE);
                double rate = closed.number("count") / (closed.number("nanos") / 1e9);
                figures.add(new Figure("closed-rate", rate, "1/s"));
                percentiles("closed", closed, figures);
                for (int percent : settings.quick() ? List.of(50) : List.of(25, 50, 75)) {
                    Fields open = deployment.ask(
                            Role.SENDER,
                            String.format(Locale.ROOT, "open-loop 1 %d %.1f %d", size, rate * percent / 100, millis),
                            PATIENCE);
                    percentiles("open-" + percent, open, figures);
                    if (open.number("errors") > 0) {
                        figures.add(new Figure("errors", open.number("errors"), "messages"));
                    }
                }
                return figures;
            }

            @Override
            public void close() {
                deployment.close();
            }
        };
    }

    static void percentiles(String prefix, Fields report, List<Figure> figures) {
        for (String percentile : List.of("p50", "p99", "p999")) {
            figures.add(new Figure(prefix + "-" + percentile, report.decimal(percentile), "us"));
        }
    }
}
