package io.conec.benchmarks.workload;

import io.conec.benchmarks.process.BenchProcess.Role;
import io.conec.benchmarks.process.Fields;
import io.conec.benchmarks.system.BenchSystem;
import io.conec.benchmarks.system.Systems;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Messages on one stream as fast as they go, counted and checked where they arrive. */
final class OneWay implements Workload {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final double MOST_BYTES_A_PACKET = 1_500;

    private final String id;
    private final String title;
    private final List<Integer> sizes;
    private final List<BenchSystem> systems;
    private final Function<BenchSystem, Placement> placement;

    OneWay() {
        this(
                "throughput",
                "One way, one stream",
                List.of(64, 1024, 65_536),
                Systems.with(BenchSystem.Ability.STREAMS),
                system -> Placement.loopback());
    }

    OneWay(
            String id,
            String title,
            List<Integer> sizes,
            List<BenchSystem> systems,
            Function<BenchSystem, Placement> placement) {
        this.id = id;
        this.title = title;
        this.sizes = sizes;
        this.systems = systems;
        this.placement = placement;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String title() {
        return title;
    }

    @Override
    public List<BenchSystem> systems() {
        return systems;
    }

    @Override
    public List<Integer> sizes() {
        return sizes;
    }

    /** Two of them: the largest takes the longest to come to rest. */
    @Override
    public List<Integer> quickSizes() {
        return sizes.subList(0, Math.min(2, sizes.size()));
    }

    @Override
    public Trial start(BenchSystem system, RunSettings settings) {
        Deployment deployment = Deployment.withSender(system, placement.apply(system), settings);
        return new Trial() {
            @Override
            public List<Figure> measure(int size) throws InterruptedException {
                return OneWay.measure(deployment, size, settings);
            }

            @Override
            public void close() {
                deployment.close();
            }
        };
    }

    private static List<Figure> measure(Deployment deployment, int size, RunSettings settings)
            throws InterruptedException {
        deployment.ask(Role.SENDER, "pump " + size, PATIENCE);
        Fields before;
        Fields after;
        Fields relayedBefore;
        Fields relayedAfter;
        long relayCpu;
        long cpu;
        try {
            TimeUnit.MILLISECONDS.sleep(settings.settling().toMillis());
            relayedBefore = relayed(deployment);
            relayCpu = relayCpu(deployment);
            before = counts(deployment);
            cpu = Machine.cpuNanosOfChildren();
            TimeUnit.MILLISECONDS.sleep(settings.window().toMillis());
            after = counts(deployment);
            cpu = Machine.cpuNanosOfChildren() - cpu;
            relayCpu = relayCpu(deployment) - relayCpu;
            relayedAfter = relayed(deployment);
        } finally {
            deployment.ask(Role.SENDER, "stop", PATIENCE);
        }
        drain(deployment);
        double seconds = (after.number("nanos") - before.number("nanos")) / 1e9;
        double messages = after.number("messages") - before.number("messages");
        double bytes = after.number("bytes") - before.number("bytes");
        List<Figure> figures = new ArrayList<>(List.of(
                new Figure("messages", messages / seconds, "1/s"),
                new Figure("bytes", bytes / seconds / 1e6, "MB/s"),
                new Figure("cpu-per-million", cpu / 1e9 / messages * 1e6, "s"),
                new Figure("cpu-per-gb", cpu / bytes, "s")));
        if (deployment.system().hasRelay() && !deployment.system().relayReceives()) {
            figures.add(new Figure("relay-cpu-per-gb", relayCpu / bytes, "s"));
        }
        long packets = relayedAfter.number("packets") - relayedBefore.number("packets");
        // A direct channel relays a few packets while it looks for a path.
        if (packets > messages * size / MOST_BYTES_A_PACKET) {
            double garbage = relayedAfter.number("allocated") - relayedBefore.number("allocated");
            figures.add(new Figure("relay-garbage", garbage / packets, "B/packet"));
        }
        long errors = after.number("errors") - before.number("errors");
        if (errors > 0) {
            figures.add(new Figure("errors", errors, "messages"));
        }
        return figures;
    }

    private static long relayCpu(Deployment deployment) {
        return deployment.system().hasRelay()
                ? ProcessHandle.of(deployment.process(Role.RELAY).pid())
                        .map(Machine::cpuNanosOfTree)
                        .orElse(0L)
                : 0;
    }

    private static Fields relayed(Deployment deployment) {
        return deployment.system().hasRelay()
                ? deployment.ask(Role.RELAY, "relayed", PATIENCE)
                : Fields.of("packets", 0, "allocated", 0);
    }

    private static Fields counts(Deployment deployment) {
        return deployment.ask(deployment.receiver(), "counts", PATIENCE);
    }

    /** Until nothing arrives any more: what is under way would disturb the next measurement. */
    private static void drain(Deployment deployment) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        long last = -1;
        for (long now = counts(deployment).number("messages"); now != last && System.nanoTime() < deadline; ) {
            TimeUnit.MILLISECONDS.sleep(50);
            last = now;
            now = counts(deployment).number("messages");
        }
    }
}
