package io.conec.testing;

import io.conec.ConecChannel;
import io.conec.ConecParty;
import io.conec.TransportConfig;
import io.conec.client.ClientConfig;
import io.conec.client.ConecClient;
import io.conec.client.ReconnectPolicy;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.security.Identity;
import io.conec.security.Trust;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A coordinator and its clients, on free ports of the loopback interface. The clients trust the coordinator by its certificate's fingerprint.
 *
 * <pre>{@code
 * try (Network network = Network.start()) {
 *     ConecChannel bob = get(network.client("alice").open(network.client("bob").name()));
 *     ...
 * }
 * }</pre>
 *
 * <p>Not for several threads.
 */
public final class Network implements AutoCloseable {
    /** In the coordinator's certificate. */
    public static final String HOST = "localhost";

    private static final InetSocketAddress FREE_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    /** Tests wait for no back-off. */
    private static final ReconnectPolicy AT_ONCE =
            new ReconnectPolicy(Duration.ofMillis(20), Duration.ofMillis(100), 2, 0);

    private final TransportConfig transport;
    private final ConecCoordinator coordinator;
    private final Map<String, ConecClient> clients = new LinkedHashMap<>();
    private final List<ConecClient> impostors = new ArrayList<>();

    private Network(TransportConfig transport, ConecCoordinator coordinator) {
        this.transport = transport;
        this.coordinator = coordinator;
    }

    /** With the default settings. */
    public static Network start() {
        return start(transport -> transport);
    }

    /** With these transport settings for all parties. */
    public static Network start(UnaryOperator<TransportConfig.Builder> transport) {
        return start(transport, coordinator -> coordinator);
    }

    /** With these transport settings for all parties, and these of the coordinator. */
    public static Network start(
            UnaryOperator<TransportConfig.Builder> transport, UnaryOperator<CoordinatorConfig.Builder> customizer) {
        TransportConfig config = transport.apply(TransportConfig.builder()).build();
        Identity identity = Identity.generateForHosts(List.of(HOST));
        CoordinatorConfig.Builder builder =
                // One, however many processors there are: applications on few have none.
                CoordinatorConfig.builder(identity)
                        .bindAddress(FREE_PORT)
                        .relayThreads(1)
                        .transport(config);
        ConecCoordinator coordinator =
                new ConecCoordinator(customizer.apply(builder).build());
        coordinator.start();
        return new Network(config, coordinator);
    }

    public ConecCoordinator coordinator() {
        return coordinator;
    }

    /** The client of that id, connected; made at the first call. */
    public ConecClient client(String id) {
        ConecClient client = clients.get(id);
        return client != null ? client : client(id, builder -> builder);
    }

    /** A new client, connected. */
    public ConecClient client(String id, UnaryOperator<ClientConfig.Builder> customizer) {
        ConecClient client = unstartedClient(id, customizer);
        Outcomes.get(client.start());
        return client;
    }

    /** A new client, which closes with this network. It does not take the place of an earlier one in {@link #client(String)}. */
    public ConecClient unstartedClient(String id, UnaryOperator<ClientConfig.Builder> customizer) {
        InetSocketAddress address = coordinator.localAddress();
        ClientConfig.Builder builder = ClientConfig.builder(id, HOST)
                .coordinatorAddress(address.getAddress().getHostAddress())
                .coordinatorPort(address.getPort())
                .coordinatorTrust(Trust.pinned(coordinator.config().identity().fingerprint()))
                .bindAddress(FREE_PORT)
                .reconnect(AT_ONCE)
                .transport(transport);
        ConecClient client = new ConecClient(customizer.apply(builder).build());
        if (clients.putIfAbsent(id, client) != null) {
            impostors.add(client);
        }
        return client;
    }

    /** A channel of that kind, between the coordinator, "alice" and "bob". */
    public Ends channel(ChannelKind kind) {
        return switch (kind) {
            case CLIENT_TO_COORDINATOR -> {
                ConecClient alice = client("alice");
                yield new Ends(alice, toCoordinator(alice), coordinator, fromCoordinator("alice"));
            }
            case COORDINATOR_TO_CLIENT -> {
                ConecClient alice = client("alice");
                yield new Ends(coordinator, fromCoordinator("alice"), alice, toCoordinator(alice));
            }
            case CLIENT_TO_CLIENT -> {
                ConecClient alice = client("alice");
                ConecClient bob = client("bob");
                ConecChannel toBob = Outcomes.get(alice.open("bob"));
                yield new Ends(alice, toBob, bob, Outcomes.get(bob.open("alice")));
            }
            case LOOPBACK -> {
                ConecClient alice = client("alice");
                ConecChannel near = Outcomes.get(alice.open("alice"));
                ConecChannel far = alice.channels().stream()
                        .filter(channel ->
                                channel.peer().equals("alice") && !channel.id().equals(near.id()))
                        .findAny()
                        .orElseThrow();
                yield new Ends(alice, near, alice, far);
            }
        };
    }

    @Override
    public void close() {
        impostors.forEach(ConecParty::close);
        clients.values().forEach(ConecParty::close);
        coordinator.close();
    }

    private ConecChannel fromCoordinator(String client) {
        return coordinator.client(client).orElseThrow();
    }

    private static ConecChannel toCoordinator(ConecClient client) {
        return client.coordinator().orElseThrow();
    }
}
