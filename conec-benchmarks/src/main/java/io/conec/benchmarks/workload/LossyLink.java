package io.conec.benchmarks.workload;

import io.conec.benchmarks.system.BenchSystem;
import io.conec.benchmarks.system.Systems;
import io.conec.natlab.LaboratoryObstacle;
import java.util.List;

/** One stream over a link of 50 ms that loses packets. */
final class LossyLink implements Workload {
    private final OneWay oneWay;

    private LossyLink(OneWay oneWay) {
        this.oneWay = oneWay;
    }

    static LossyLink throughput(String id, double loss) {
        List<BenchSystem> systems = Systems.of("conec-direct", "conec-relayed", "quic", "tcp", "tcp-cubic");
        OneWay oneWay = new OneWay(
                id,
                "One stream, 50 ms, " + loss * 100 + " % loss",
                List.of(65_536),
                systems,
                system -> new Wan("bench-" + id, loss, system.tcpCongestionControl()));
        return new LossyLink(oneWay);
    }

    @Override
    public String id() {
        return oneWay.id();
    }

    @Override
    public String title() {
        return oneWay.title();
    }

    @Override
    public List<BenchSystem> systems() {
        return oneWay.systems();
    }

    @Override
    public List<Integer> sizes() {
        return oneWay.sizes();
    }

    /** {@link LossyStreams} show in a coarse run what loss does. */
    @Override
    public boolean quick() {
        return false;
    }

    @Override
    public String obstacle() {
        return LaboratoryObstacle.find().orElse("");
    }

    @Override
    public Trial start(BenchSystem system, RunSettings settings) {
        return oneWay.start(system, settings);
    }
}
