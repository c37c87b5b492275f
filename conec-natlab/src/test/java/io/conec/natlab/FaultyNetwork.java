package io.conec.natlab;

import static org.awaitility.Awaitility.await;

import io.conec.ChannelPath;
import io.conec.client.PathPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Pairs of clients for faults to happen to, each client with a link of its own that their load fills. */
final class FaultyNetwork implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(90);

    private static final LinkSettings LINK = LinkSettings.of(4, Duration.ofMillis(20));

    /** Two clients of one coordinator. */
    record Pair(ClientProcess alice, ClientProcess bob, CoordinatorProcess coordinator) {
        /** Begins to talk; returns when messages flow on such a path. */
        Conversation talk(ChannelPath.Kind kind) {
            // A link that the coordinator has given up while it heard nothing is found lost by the first who uses it.
            Conversation conversation = await().atMost(PATIENCE)
                    .ignoreException(IllegalStateException.class)
                    .until(() -> Conversation.begin(alice, bob, Conversation.Load.FULL), Objects::nonNull);
            conversation.awaitPath(kind, PATIENCE);
            conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
            return conversation;
        }

        /** Checks that nothing was lost, and closes the channel. */
        void hangUp(Conversation conversation) {
            conversation.end(PATIENCE);
            alice.close(bob);
        }

        /** Kills the coordinator, and starts it again after so long. */
        void crashCoordinator(Duration down) {
            coordinator.kill();
            lasts(down);
            coordinator.restart();
        }

        /** How often the two have registered at their coordinator, together. */
        long registrations() {
            return alice.events("connected") + bob.events("connected");
        }

        /** Waits until both have registered once more than then. */
        void awaitRegistrations(long then) {
            await().atMost(PATIENCE).until(() -> registrations() == then + 2);
        }

        /** Stops the coordinator for so long; returns when that ended. */
        long pauseCoordinator(Duration pause) {
            coordinator.pause();
            lasts(pause);
            long resumed = System.nanoTime();
            coordinator.resume();
            return resumed;
        }
    }

    private final Laboratory laboratory;
    private final Internet internet;
    private final PathPolicy policy;
    private final CoordinatorProcess common;
    private final List<ClientProcess> clients = new ArrayList<>();

    /** @param policy which paths the clients let their channels take */
    FaultyNetwork(String name, PathPolicy policy) {
        this.policy = policy;
        laboratory = Laboratory.open(name);
        internet = new Internet(laboratory);
        common = coordinator("coordinator");
    }

    private CoordinatorProcess coordinator(String name) {
        return CoordinatorProcess.start(
                laboratory, internet.host(name, Family.IPV4, LinkSettings.of(0, Duration.ZERO)));
    }

    Internet internet() {
        return internet;
    }

    /** A pair at the common coordinator, which nothing happens to: alice behind a router of her own, bob right on the internet. */
    Pair pair(String name) {
        return pair(name, router(name).host(name + "-alice"));
    }

    /** A pair at the common coordinator, alice on that host. */
    Pair pair(String name, Host alice) {
        return pair(alice, host(name + "-bob"), common);
    }

    /** As {@link #pair(String, Host)}, and bob behind a router that lets in only what bob has sent to: he has to be told where alice is. */
    Pair pairBehindNat(String name, Host alice) {
        return pair(alice, router(name + "-bobs").host(name + "-bob"), common);
    }

    /** A pair as of {@link #pair(String)} at a coordinator of its own. */
    Pair pairWithCoordinator(String name) {
        return pair(router(name).host(name + "-alice"), host(name + "-bob"), coordinator(name + "-coordinator"));
    }

    private Pair pair(Host alice, Host bob, CoordinatorProcess coordinator) {
        Pair pair = new Pair(client(alice, coordinator), client(bob, coordinator), coordinator);
        clients.add(pair.alice());
        clients.add(pair.bob());
        return pair;
    }

    private ClientProcess client(Host host, CoordinatorProcess coordinator) {
        return ClientProcess.start(laboratory, host, coordinator, policy);
    }

    Router router(String name) {
        return internet.router(name + "-router", Nat.PORT_DEPENDENT, Family.IPV4, LINK);
    }

    /** A machine right on the internet. */
    Host host(String name) {
        return internet.host(name, Family.IPV4, LINK);
    }

    /** Another way for that machine to the internet, not plugged in. */
    Uplink away(Host host) {
        return internet.connect(host.namespace(), "away", Family.IPV4, LINK);
    }

    void awaitConnected() {
        clients.forEach(ClientProcess::awaitConnected);
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
