package io.conec.client;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.CloseReason;
import io.conec.ConecEvent;
import io.conec.ConecGroup;
import io.conec.ErrorCode;
import io.conec.GroupMessage;
import io.conec.GroupOptions;
import io.conec.PresentClient;
import io.conec.coordinator.Access;
import io.conec.coordinator.AccessKind;
import io.conec.coordinator.AccessPolicy;
import io.conec.coordinator.AccessRule;
import io.conec.coordinator.ConecCoordinator;
import io.conec.coordinator.CoordinatorConfig;
import io.conec.testing.LyingCoordinator;
import io.conec.testing.Network;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Memberships and presence, when the link is lost and when there is none. */
final class GroupReconnectTests {
    private final List<ConecEvent> events = new CopyOnWriteArrayList<>();
    private Network network;
    private InetSocketAddress address;
    private ConecClient alice;
    private @Nullable ConecCoordinator restarted;

    @BeforeEach
    void connect() {
        network = Network.start();
        address = network.coordinator().localAddress();
        alice = network.client("alice");
        alice.onEvent(events::add);
    }

    @AfterEach
    void disconnect() {
        network.close();
        if (restarted != null) {
            restarted.close();
        }
    }

    @Test
    void joinsAgainByItself() throws Exception {
        ConecClient bob = network.client("bob");
        ConecGroup alices = get(alice.join("chat"));
        ConecGroup bobs = get(bob.join("chat", GroupOptions.receiveOnly()));
        CompletableFuture<Optional<GroupMessage>> reading = bobs.receiveAsync();
        loseTheCoordinator();
        assertThat(failureOf(alices.send("nobody hears this")).code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        assertThat(alices.isJoined()).isFalse();
        assertThat(alice.groups()).containsExactly(alices);
        assertThat(reading).isNotDone();

        bringItBack(AccessPolicy.ALLOW_ALL);
        await().until(() -> alices.isJoined() && bobs.isJoined());
        eventually(() -> assertThat(alices.members()).isEqualTo(2));
        get(alices.send("back again"));
        assertThat(get(reading).orElseThrow().message().text()).isEqualTo("back again");
        assertThat(groupEvents())
                .containsExactly(new ConecEvent.GroupJoined(alices, false), new ConecEvent.GroupJoined(alices, true));
    }

    @Test
    void endsWhenItMayNotJoinAgain() {
        ConecGroup chat = get(alice.join("chat"));
        loseTheCoordinator();
        bringItBack(new AccessPolicy(
                List.of(new AccessRule(Access.DENY, Set.of(AccessKind.JOIN), "*", null, null, "chat")),
                null,
                Access.ALLOW));

        CloseReason reason = get(chat.closed());
        assertThat(reason.code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(failureOf(() -> chat.receive()).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        eventually(() -> assertThat(groupEvents())
                .containsExactly(new ConecEvent.GroupJoined(chat, false), new ConecEvent.GroupLeft(chat, reason)));
        assertThat(alice.groups()).isEmpty();
    }

    @Test
    void doesNotJoinAgainWhatWasLeftInTheMeantime() throws Exception {
        ConecGroup left = get(alice.join("left"));
        ConecGroup kept = get(alice.join("kept"));
        loseTheCoordinator();
        left.close();
        bringItBack(AccessPolicy.ALLOW_ALL);

        await().until(kept::isJoined);
        assertThat(left.receive()).isEmpty();
        ConecCoordinator coordinator = restarted;
        assertThat(coordinator).isNotNull();
        assertThat(coordinator.hostedGroups()).extracting(group -> group.name()).containsExactly("kept");
    }

    @Test
    void endsWithTheClient() {
        ConecGroup chat = get(alice.join("chat"));
        alice.close();

        assertThat(get(chat.closed()).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        assertThat(failureOf(() -> chat.receive()).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        assertThat(failureOf(chat.send("no")).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        assertThat(failureOf(alice.join("chat")).code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        await().until(() -> network.coordinator().hostedGroups().isEmpty());
    }

    @Test
    void endsWithTheCoordinatorThatIsAMember() {
        ConecGroup chat = get(network.coordinator().join("chat"));
        network.coordinator().close();

        assertThat(get(chat.closed()).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        assertThat(failureOf(() -> chat.receive()).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        assertThat(failureOf(chat.send("no")).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        assertThat(failureOf(network.coordinator().join("chat")).code()).isEqualTo(ErrorCode.NOT_CONNECTED);
    }

    @Test
    void cannotJoinWithoutALink() {
        loseTheCoordinator();

        assertThat(failureOf(alice.join("chat")).code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        assertThat(failureOf(alice.presence()).code()).isEqualTo(ErrorCode.NOT_CONNECTED);
        assertThat(alice.groups()).isEmpty();
    }

    @Test
    void tellsThatACoordinatorHasNoGroupsAndNoPresence() {
        try (LyingCoordinator older = new LyingCoordinator((link, message) -> {});
                ConecClient client = new ConecClient(ClientConfig.builder("alice", "localhost")
                        .coordinatorPort(older.address().getPort())
                        .coordinatorTrust(older.trust())
                        .build())) {
            get(client.start());

            assertThat(failureOf(client.join("chat")).code()).isEqualTo(ErrorCode.UNSUPPORTED_VERSION);
            assertThat(failureOf(client.presence()).code()).isEqualTo(ErrorCode.UNSUPPORTED_VERSION);
        }
    }

    @Test
    void seesWhatHasChangedWhileItWasAway() {
        ConecClient bob = network.client("bob");
        ConecClient carol = network.client("carol");
        assertThat(get(alice.presence())).extracting(PresentClient::id).containsExactly("bob", "carol");
        eventually(() -> assertThat(presenceEvents()).containsExactly("+bob", "+carol"));
        loseTheCoordinator();
        carol.close();
        assertThat(presenceEvents()).as("nobody knows who is there").hasSize(2);

        bringItBack(AccessPolicy.ALLOW_ALL);
        await().until(() -> bob.status().reconnects() > 0 && alice.status().reconnects() > 0);
        // Bob has registered anew, before or after the list.
        eventually(
                () -> assertThat(presenceEvents()).hasSize(5).endsWith("+bob").contains("-carol", "-bob"));
        assertThat(get(alice.presence())).extracting(PresentClient::id).containsExactly("bob");
    }

    private List<ConecEvent> groupEvents() {
        return events.stream()
                .filter(event -> event instanceof ConecEvent.GroupJoined || event instanceof ConecEvent.GroupLeft)
                .toList();
    }

    private List<String> presenceEvents() {
        return events.stream()
                .map(event -> event instanceof ConecEvent.ClientJoined joined
                        ? "+" + joined.client().id()
                        : event instanceof ConecEvent.ClientLeft left
                                ? "-" + left.client().id()
                                : "")
                .filter(text -> !text.isEmpty())
                .toList();
    }

    private void loseTheCoordinator() {
        network.coordinator().close();
        await().until(() -> alice.coordinator().isEmpty());
    }

    private void bringItBack(AccessPolicy policy) {
        CoordinatorConfig before = network.coordinator().config();
        ConecCoordinator again = new ConecCoordinator(CoordinatorConfig.builder(before.identity())
                .bindAddress(address)
                .access(policy)
                .build());
        restarted = again;
        again.start();
    }
}
