package io.conec.natlab;

import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace: devices, addresses, routes and packet filter of a machine of its own.
 *
 * @param name as iproute2 knows it
 * @param environment of what runs inside, besides this process's: {@code NAME=VALUE}
 */
public record Namespace(String name, List<String> environment) {
    static Namespace create(String name) {
        Shell.run("ip", "netns", "add", name);
        Namespace namespace = new Namespace(name, List.of());
        namespace.ip("link set lo up");
        return namespace;
    }

    /** Runs these commands of {@code ip}, without the word, one after the other. */
    public void ip(String... commands) {
        Shell.run(List.of("ip", "-n", name, "-batch", "-"), String.join("\n", commands) + "\n");
    }

    /** Feeds this script to {@code nft}. All of it is applied or nothing. */
    void nft(String script) {
        Shell.run(inside("nft", "-f", "-"), script);
    }

    /** Makes it a router. */
    void forward() {
        Shell.run(
                inside(
                        "sh",
                        "-c",
                        "echo 1 >/proc/sys/net/ipv4/ip_forward && echo 1 >/proc/sys/net/ipv6/conf/all/forwarding"),
                "");
    }

    /** What to run to have this command run inside. It becomes that command's own process. */
    public List<String> inside(String... command) {
        List<String> whole = new ArrayList<>(List.of("ip", "netns", "exec", name));
        if (!environment.isEmpty()) {
            whole.add("env");
            whole.addAll(environment);
        }
        whole.addAll(List.of(command));
        return whole;
    }
}
