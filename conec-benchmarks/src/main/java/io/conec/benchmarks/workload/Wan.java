package io.conec.benchmarks.workload;

import io.conec.benchmarks.process.BenchProcess.Role;
import io.conec.natlab.Family;
import io.conec.natlab.Host;
import io.conec.natlab.Internet;
import io.conec.natlab.Laboratory;
import io.conec.natlab.LinkSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Machines of the network laboratory: the sender's has a long link that loses packets, the others' none that would be felt. */
final class Wan implements Placement {
    private static final Duration ROUND_TRIP = Duration.ofMillis(50);

    private final Laboratory laboratory;
    private final Host sender;
    private final Host receiver;
    private final Host relay;

    /**
     * @param loss part of the packets that are lost, in each direction
     * @param tcpCongestionControl empty for the machine's
     */
    Wan(String name, double loss, Optional<String> tcpCongestionControl) {
        laboratory = Laboratory.open(name);
        try {
            Internet internet = new Internet(laboratory);
            LinkSettings link = LinkSettings.of(0, ROUND_TRIP).losing(loss);
            sender = internet.host("sender", Family.IPV4, link);
            receiver = internet.host("receiver", Family.IPV4);
            relay = internet.host("relay", Family.IPV4);
            tcpCongestionControl.ifPresent(algorithm ->
                    List.of(sender, receiver).forEach(host -> host.uplink().tcpCongestionControl(algorithm)));
        } catch (RuntimeException e) {
            laboratory.close();
            throw e;
        }
    }

    private Host host(Role role) {
        return switch (role) {
            case SENDER, CONNECTOR, MEMBERS -> sender;
            case RECEIVER -> receiver;
            case RELAY -> relay;
        };
    }

    @Override
    public String address(Role role) {
        return host(role).uplink().v4();
    }

    @Override
    public List<String> command(Role role, List<String> command) {
        return host(role).namespace().inside(command.toArray(String[]::new));
    }

    @Override
    public void close() {
        laboratory.close();
    }
}
