package io.conec.benchmarks.workload;

import io.conec.benchmarks.process.BenchProcess;
import java.util.List;

/** Where the processes of a system run. */
public interface Placement extends AutoCloseable {
    /** The local address of that process. */
    String address(BenchProcess.Role role);

    /** What to run, so that this command runs there. */
    List<String> command(BenchProcess.Role role, List<String> command);

    @Override
    void close();

    /** All on this machine's loopback device. */
    static Placement loopback() {
        return new Placement() {
            @Override
            public String address(BenchProcess.Role role) {
                return "127.0.0.1";
            }

            @Override
            public List<String> command(BenchProcess.Role role, List<String> command) {
                return command;
            }

            @Override
            public void close() {}
        };
    }
}
