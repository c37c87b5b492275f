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
    private static final Duration CPU_WINDOW = Duration.ofSeconds(20);
    private static final int CPU_WINDOWS = 6;
    private static final double STILL_FALLING = 0.8;

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
        double cpu = settledCpu(pid);
        double heap = after.heap - before.heap;
        double outside = after.resident - before.resident;
        return List.of(
                new Figure("resident-per-client", (heap + outside) / 1024 / connected, "KiB"),
                new Figure("heap-per-client", heap / 1024 / connected, "KiB"),
                new Figure("direct-per-client", (after.direct - before.direct) / 1024 / connected, "KiB"),
                new Figure("outside-heap-per-client", outside / 1024 / connected, "KiB"),
                new Figure("cpu", 100 * cpu, "%"),
                new Figure("clients", connected, ""));
    }

    /** Processors that are used while nothing happens, when that falls no more: for minutes the JVM compiles what ran while the clients connected. */
    private static double settledCpu(long pid) throws InterruptedException {
        double cpu = cpu(pid);
        for (int i = 1; i < CPU_WINDOWS; i++) {
            double before = cpu;
            cpu = cpu(pid);
            if (cpu > before * STILL_FALLING) {
                break;
            }
        }
        return cpu;
    }

    private static double cpu(long pid) throws InterruptedException {
        long before = Machine.cpuNanos(pid, false);
        TimeUnit.NANOSECONDS.sleep(CPU_WINDOW.toNanos());
        return (double) (Machine.cpuNanos(pid, false) - before) / CPU_WINDOW.toNanos();
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
