package io.conec.benchmarks.process;

import io.conec.benchmarks.system.BenchSystem;
import io.conec.benchmarks.system.Connector;
import io.conec.benchmarks.system.Members;
import io.conec.benchmarks.system.Node;
import io.conec.benchmarks.system.Sender;
import io.conec.benchmarks.system.Site;
import io.conec.benchmarks.system.Systems;
import io.conec.natlab.process.Requests;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A process that is measured. Arguments: role, system, local address, directory of certificates, then what is known as {@code name=value}. Tells {@code ready} and what the node announces.
 */
public final class BenchProcess {
    /** What a process does in its system. */
    public enum Role {
        RELAY,
        RECEIVER,
        SENDER,
        CONNECTOR,
        MEMBERS
    }

    private BenchProcess() {}

    /** Ends with its standard input. */
    public static void main(String[] arguments) throws Exception {
        Role role = Role.valueOf(arguments[0]);
        BenchSystem system = Systems.of(arguments[1]);
        Map<String, String> known = Fields.parse(
                        String.join(" ", List.of(arguments).subList(4, arguments.length)))
                .values();
        Site site = new Site(role.name().toLowerCase(Locale.ROOT), arguments[2], Path.of(arguments[3]), known);
        try {
            serve(role, system, site);
        } catch (Exception e) {
            e.printStackTrace();
            Requests.event("failed " + Requests.describe(e));
        }
        System.exit(0);
    }

    private static void serve(Role role, BenchSystem system, Site site) throws Exception {
        TrafficService service = new TrafficService();
        switch (role) {
            case RELAY -> {
                Node relay = system.relay(site, service);
                serve(relay, new ReceiverCommands(service, relay));
            }
            case RECEIVER -> {
                Node receiver = system.receiver(site, service);
                serve(receiver, new ReceiverCommands(service, receiver));
            }
            case SENDER -> {
                Sender sender = system.sender(site);
                serve(sender, new SenderCommands(sender));
            }
            case CONNECTOR -> {
                Connector connector = system.connector(site);
                serve(connector, new ConnectorCommands(connector));
            }
            case MEMBERS -> {
                Members members = system.members(site);
                serve(members, new MembersCommands(members, service));
            }
        }
    }

    private static void serve(Node node, Commands commands) throws Exception {
        Requests.event("ready " + new Fields(node.announcement()));
        Requests.serve(words -> onThread(commands, words));
        // The end of the process is the node's.
    }

    /** Each on a thread of its own: many wait, and others ask meanwhile. */
    private static CompletableFuture<String> onThread(Commands commands, List<String> words) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        answer.complete(commands.handle(words).toString());
                    } catch (Exception e) {
                        e.printStackTrace();
                        answer.completeExceptionally(e);
                    }
                },
                words.get(0));
        thread.setDaemon(true);
        thread.start();
        return answer;
    }
}
