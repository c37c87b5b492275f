package io.conec.benchmarks.system;

import java.util.Optional;
import java.util.Set;

/** A system over TCP, with CUBIC for congestion control, which is Linux's default, whatever that of the measuring machine is. In no other way different, and measured only where loss is. */
record Cubic(BenchSystem system) implements BenchSystem {
    @Override
    public String id() {
        return system.id() + "-cubic";
    }

    @Override
    public String title() {
        return system.title() + ", CUBIC";
    }

    @Override
    public Set<Ability> abilities() {
        return Set.of();
    }

    @Override
    public Optional<String> tcpCongestionControl() {
        return Optional.of("cubic");
    }

    @Override
    public Node receiver(Site site, Service service) throws Exception {
        return system.receiver(site, service);
    }

    @Override
    public Sender sender(Site site) throws Exception {
        return system.sender(site);
    }
}
