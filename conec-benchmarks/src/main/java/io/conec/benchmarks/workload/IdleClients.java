package io.conec.benchmarks.workload;

import io.conec.benchmarks.process.BenchProcess.Role;
import io.conec.benchmarks.process.Fields;
import io.conec.benchmarks.system.BenchSystem;
import io.conec.benchmarks.system.Systems;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What clients that do nothing cost the server. Its heap is touched at the start, so that resident memory grows by what is outside of the heap; a client's share is that and its part of the
 * heap that is in use after a collection.
 */
final class IdleClients implements Workload {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int PARALLEL = 64;
    private static final int CLIENTS_IN_A_PROCESS = 1250;

    private final int clients;

    IdleClients(int clients) {
        this.clients = clients;
    }

    @Override
    public String id() {
        return "idle-" + clients;
    }

    @Override
    public String title() {
        return clients + " idle clients";
    }

    @Override
    public List<BenchSystem> systems() {
        List<BenchSystem> all = Systems.with(BenchSystem.Ability.CONNECTIONS);
        // Many clients take long to connect, and fewer say what the others cost.
        return clients <= 1000 ? all : List.of(Systems.of("conec-coordinator"));
    }

    @Override
    public List<Integer> sizes() {
        return List.of(0);
    }

    /** None: to connect so many takes as long as all the rest. */
    @Override
    public List<BenchSystem> quickSystems() {
        return List.of();
    }

    @Override
    public boolean warmsUp() {
        return false;
    }

    /** Makes everything anew for each round, and so never has the clients of two systems at once. */
    @Override
    public Trial start(BenchSystem system, RunSettings settings) {
        return new Trial() {
            @Override
            public List<Figure> measure(int size) throws InterruptedException {
                try (Deployment deployment = Deployment.servers(system, Placement.loopback(), settings)) {
                    return IdleClients.this.measure(deployment, settings);
                }
            }

            @Override
            public void close() {}
        };
    }

    private record Memory(double resident, double heap, double direct) {}

    private List<Figure> measure(Deployment deployment, RunSettings settings) throws InterruptedException {
        Role server = deployment.receiver();
        long pid = deployment.process(server).pid();
        int processes = (clients + CLIENTS_IN_A_PROCESS - 1) / CLIENTS_IN_A_PROCESS;
        int each = clients / processes;
        for (int i = 0; i < processes; i++) {
            deployment.start(Role.CONNECTOR, connector(i));
        }
        // So that code and thread-local buffers are there before.
        deployment.ask(connector(0), "cycle warm- " + PARALLEL + " 1000", PATIENCE);
        TimeUnit.SECONDS.sleep(1);
        Memory before = memory(deployment, server, pid);
        long connected = 0;
        for (int i = 0; i < processes; i++) {
            Fields report =
                    deployment.ask(connector(i), "connect " + connector(i) + "- " + each + " " + PARALLEL, PATIENCE);
            connected += report.number("count");
        }
        TimeUnit.MILLISECONDS.sleep(2 * settings.settling().toMillis());
        Memory after = memory(deployment, server, pid);
        TimeUnit.MILLISECONDS.sleep(settings.settling().toMillis());
        long cpu = Machine.cpuNanos(pid, false);
        long window = settings.quick() ? 2_000 : 10_000;
        TimeUnit.MILLISECONDS.sleep(window);
        cpu = Machine.cpuNanos(pid, false) - cpu;
        double heap = after.heap - before.heap;
        double outside = after.resident - before.resident;
        return List.of(
                new Figure("resident-per-client", (heap + outside) / 1024 / connected, "KiB"),
                new Figure("heap-per-client", heap / 1024 / connected, "KiB"),
                new Figure("direct-per-client", (after.direct - before.direct) / 1024 / connected, "KiB"),
                new Figure("outside-heap-per-client", outside / 1024 / connected, "KiB"),
                new Figure("cpu", cpu / (window * 1e6) * 100, "%"),
                new Figure("clients", connected, ""));
    }

    private static Memory memory(Deployment deployment, Role server, long pid) {
        Fields inside = deployment.ask(server, "memory", PATIENCE);
        return new Memory(
                Machine.residentBytes(pid),
                inside.number("heap"),
                Math.max(inside.number("direct"), inside.number("netty")));
    }

    private static String connector(int i) {
        return "connector-" + i;
    }
}
