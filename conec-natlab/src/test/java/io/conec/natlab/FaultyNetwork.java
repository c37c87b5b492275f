package io.conec.natlab;

import static org.awaitility.Awaitility.await;

import io.conec.ChannelPath;
import io.conec.client.PathPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Pairs of clients for faults to happen to: alice behind a NAT, bob right on the internet, each with a link of its own that their load fills. One
 * coordinator is left alone, another one, with clients of its own, is ill-treated.
 */
final class FaultyNetwork implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final LinkSettings LINK = LinkSettings.of(4, Duration.ofMillis(20));

    /** Two clients of one coordinator. */
    record Pair(ClientProcess alice, ClientProcess bob) {
        /** Begins to talk; returns when messages flow on such a path. */
        Conversation talk(ChannelPath.Kind kind) {
            Conversation conversation = Conversation.begin(alice, bob, Conversation.Load.FULL);
            conversation.awaitPath(kind, PATIENCE);
            conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
            return conversation;
        }

        /** Checks that nothing was lost, and closes the channel. */
        void hangUp(Conversation conversation) {
            conversation.end(PATIENCE);
            alice.close(bob);
        }
    }

    private final Laboratory laboratory;
    private final Internet internet;
    private final CoordinatorProcess coordinator;
    private final CoordinatorProcess illTreated;
    private final PathPolicy policy;
    private final Map<String, Pair> pairs = new ConcurrentHashMap<>();

    /** Clients let their channels take such paths only. */
    FaultyNetwork(String name, PathPolicy policy) {
        this.policy = policy;
        laboratory = Laboratory.open(name);
        internet = new Internet(laboratory);
        coordinator = CoordinatorProcess.start(laboratory, internet.host("coordinator", Family.IPV4));
        illTreated = CoordinatorProcess.start(
                laboratory, internet.host("ill-treated", Family.IPV4, LinkSettings.of(0, Duration.ZERO)));
    }

    Internet internet() {
        return internet;
    }

    CoordinatorProcess illTreated() {
        return illTreated;
    }

    /** Adds such a pair at the coordinator that is left alone; returns alice's router. */
    Router add(String name) {
        Router router = router(name);
        add(name, router.host(name + "-alice"), coordinator);
        return router;
    }

    /** Adds a pair at the coordinator that is ill-treated. */
    void addIllTreated(String name) {
        add(name, router(name).host(name + "-alice"), illTreated);
    }

    /** Adds a pair whose alice is right on the internet, and has a second link that is not connected; returns that. */
    Uplink addTraveller(String name) {
        Host alice = internet.host(name + "-alice", Family.IPV4, LINK);
        add(name, alice, coordinator);
        return internet.connect(alice.namespace(), "away", Family.IPV4, LINK);
    }

    private Router router(String name) {
        return internet.router(name + "-router", Nat.PORT_DEPENDENT, Family.IPV4, LINK);
    }

    private void add(String name, Host alice, CoordinatorProcess at) {
        Host bob = internet.host(name + "-bob", Family.IPV4, LINK);
        pairs.put(
                name,
                new Pair(
                        ClientProcess.start(laboratory, alice, at, policy),
                        ClientProcess.start(laboratory, bob, at, policy)));
    }

    void awaitConnected() {
        for (Pair pair : pairs.values()) {
            List.of(pair.alice(), pair.bob()).forEach(ClientProcess::awaitConnected);
        }
    }

    Pair pair(String name) {
        Pair pair = pairs.get(name);
        if (pair == null) {
            throw new IllegalArgumentException(name);
        }
        return pair;
    }

    /** Lets a fault last. */
    static void lasts(Duration duration) {
        await().pollDelay(duration).atMost(duration.plusSeconds(30)).until(() -> true);
    }

    /** Makes that host's link a black hole for so long; returns when that ended. */
    static long blackHole(Host host, Duration duration) {
        Link link = host.uplink().requireLink();
        link.block();
        lasts(duration);
        long healed = System.nanoTime();
        link.free();
        return healed;
    }

    @Override
    public void close() {
        laboratory.close();
    }
}
