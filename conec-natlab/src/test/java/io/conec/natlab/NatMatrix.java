package io.conec.natlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.conec.ChannelPath;
import io.conec.client.PathPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * One coordinator and clients in different networks. Each client takes part in many cells: what a NAT does to one flow it does whatever other flows there are.
 */
final class NatMatrix implements AutoCloseable {
    /** The last probe of the schedule leaves after 4.5 s; the rest is for a machine whose processors are busy. */
    private static final Duration DIRECT_WITHIN = Duration.ofSeconds(7);
    /** How long a channel that is to stay relayed is watched: longer than another would take to become direct. */
    private static final Duration WATCHED = Duration.ofSeconds(7);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Laboratory laboratory;
    private final Internet internet;
    private final CoordinatorProcess coordinator;
    private final Map<String, ClientProcess> clients = new ConcurrentHashMap<>();

    NatMatrix(String name) {
        laboratory = Laboratory.open(name);
        internet = new Internet(laboratory);
        coordinator = CoordinatorProcess.start(laboratory, internet.host("coordinator", Family.DUAL_STACK));
    }

    /** Puts one more client there. */
    void add(String id, Function<Internet, Host> where) {
        add(id, PathPolicy.AUTO, where);
    }

    /** Puts one more client there that lets its channels take only such paths. */
    void add(String id, PathPolicy policy, Function<Internet, Host> where) {
        clients.put(id, ClientProcess.start(laboratory, where.apply(internet), coordinator, policy));
    }

    Internet internet() {
        return internet;
    }

    /** Returns when all of them are connected. */
    void awaitConnected() {
        clients.values().forEach(ClientProcess::awaitConnected);
    }

    /** Messages flow from the start; the channel becomes direct in time, and nothing is lost. */
    void becomesDirect(String one, String other) {
        ClientProcess alice = client(one);
        ClientProcess bob = client(other);
        long opened = System.nanoTime();
        Conversation conversation = Conversation.begin(alice, bob, Conversation.Load.LIGHT);
        conversation.awaitMessagesAfter(opened, PATIENCE);
        for (ClientProcess client : List.of(alice, bob)) {
            ClientProcess peer = client == alice ? bob : alice;
            await(client.id() + "'s path").atMost(PATIENCE).until(() -> isDirect(client, peer));
            assertThat(Duration.ofNanos(firstDirect(client, peer) - opened))
                    .as(client.id() + "'s channel is direct")
                    .isLessThan(DIRECT_WITHIN);
        }
        conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
        conversation.end(PATIENCE);
        alice.close(bob);
    }

    /** As {@link #becomesDirect}, and it is so from the start. */
    void opensDirect(String one, String other) {
        becomesDirect(one, other);
        for (String[] side : new String[][] {{one, other}, {other, one}}) {
            assertThat(client(side[0]).paths(client(side[1])))
                    .extracting(ClientProcess.PathSince::kind)
                    .containsOnly(ChannelPath.Kind.DIRECT);
        }
    }

    /** The channel does not open, with that code. */
    void refuses(String one, String other, String code) {
        ClientProcess alice = client(one);
        ClientProcess bob = client(other);
        assertThatThrownBy(() -> alice.open(bob)).hasMessageContaining(code);
        assertThat(alice.paths(bob)).isEmpty();
        assertThat(bob.paths(alice)).isEmpty();
    }

    private static boolean isDirect(ClientProcess client, ClientProcess peer) {
        return client.paths(peer).stream().anyMatch(path -> path.kind() == ChannelPath.Kind.DIRECT);
    }

    private static long firstDirect(ClientProcess client, ClientProcess peer) {
        return client.paths(peer).stream()
                .filter(path -> path.kind() == ChannelPath.Kind.DIRECT)
                .findFirst()
                .orElseThrow()
                .nanoTime();
    }

    /** Messages flow from the start; the channel never becomes direct, and nothing is lost. */
    void staysRelayed(String one, String other) {
        ClientProcess alice = client(one);
        ClientProcess bob = client(other);
        Conversation conversation = Conversation.begin(alice, bob, Conversation.Load.LIGHT);
        conversation.awaitMessagesAfter(System.nanoTime() + WATCHED.toNanos(), PATIENCE);

        assertThat(alice.paths(bob))
                .extracting(ClientProcess.PathSince::kind)
                .containsExactly(ChannelPath.Kind.RELAYED);
        assertThat(bob.paths(alice))
                .extracting(ClientProcess.PathSince::kind)
                .containsExactly(ChannelPath.Kind.RELAYED);
        conversation.end(PATIENCE);
        alice.close(bob);
    }

    private ClientProcess client(String id) {
        ClientProcess client = clients.get(id);
        assertThat(client).as(id).isNotNull();
        return client;
    }

    @Override
    public void close() {
        laboratory.close();
    }
}
