package io.conec.benchmarks.workload;

import io.conec.benchmarks.process.BenchProcess.Role;
import io.conec.benchmarks.process.Fields;
import io.conec.benchmarks.system.BenchSystem;
import io.conec.benchmarks.system.Systems;
import io.conec.natlab.LaboratoryObstacle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Messages there and back on many streams of one connection, over a link of 50 ms that loses one packet in a hundred. */
final class LossyStreams implements Workload {
    private static final int STREAMS = 20;
    private static final int PER_STREAM = 50;
    private static final double LOSS = 0.01;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @Override
    public String id() {
        return "loss-streams";
    }

    @Override
    public String title() {
        return STREAMS + " streams, " + PER_STREAM + " messages a second each, there and back, 50 ms, 1 % loss";
    }

    /** Those that go one way and have streams: TCP alone has none to compare with. */
    @Override
    public List<BenchSystem> systems() {
        return Systems.of("conec-direct", "conec-relayed", "quic", "rsocket", "rsocket-cubic", "grpc", "grpc-cubic");
    }

    /** Over CUBIC they take ten seconds longer. */
    @Override
    public List<BenchSystem> quickSystems() {
        return Workload.super.quickSystems().stream()
                .filter(system -> system.tcpCongestionControl().isEmpty())
                .toList();
    }

    @Override
    public List<Integer> sizes() {
        return List.of(1024);
    }

    @Override
    public String obstacle() {
        return LaboratoryObstacle.find().orElse("");
    }

    @Override
    public Trial start(BenchSystem system, RunSettings settings) {
        Wan link = new Wan("bench-" + id(), LOSS, system.tcpCongestionControl());
        Deployment deployment = Deployment.withSender(system, link, settings);
        long millis = settings.quick() ? 2_000 : 3_000;
        return new Trial() {
            @Override
            public List<Figure> measure(int size) {
                Fields report = deployment.ask(
                        Role.SENDER,
                        "open-loop " + STREAMS + " " + size + " " + STREAMS * PER_STREAM + " " + millis,
                        PATIENCE);
                List<Figure> figures = new ArrayList<>();
                PingPong.percentiles("open", report, figures);
                if (report.number("errors") > 0) {
                    figures.add(new Figure("errors", report.number("errors"), "messages"));
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
