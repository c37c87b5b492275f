package io.conec.coordinator;

import static io.conec.testing.Outcomes.eventually;
import static io.conec.testing.Outcomes.failureOf;
import static io.conec.testing.Outcomes.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.conec.ChannelPath;
import io.conec.ClientId;
import io.conec.CloseReason;
import io.conec.ConecChannel;
import io.conec.ConecException;
import io.conec.ConecGroup;
import io.conec.ConecStream;
import io.conec.ErrorCode;
import io.conec.GroupOptions;
import io.conec.PresentClient;
import io.conec.client.ClientStatus;
import io.conec.client.ConecClient;
import io.conec.security.Fingerprint;
import io.conec.security.Identity;
import io.conec.testing.Network;
import io.conec.testing.UdpForwarder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What rules, authorizers and revocations let clients do, and what ends when they change. */
final class AccessTests {
    /** In which what is not allowed any more has to have ended. */
    private static final Duration AT_MOST = Duration.ofSeconds(5);

    private @Nullable Network network;

    @AfterEach
    void stop() {
        if (network != null) {
            network.close();
        }
    }

    @Test
    void refusesAClient() {
        start(rules(Access.ALLOW, deny(AccessKind.CONNECT, "mall*", null, null, null)));
        ConecException refusal = failureOf(unstarted("mallory").start());

        assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(refusal.getMessage()).contains("rules on who may connect").doesNotContain("mall*");
        assertThat(client("alice").status().state()).isEqualTo(ClientStatus.State.CONNECTED);
        assertThat(coordinator().statistics().refused()).isPositive();
    }

    @Test
    void refusesAnIntroduction() {
        start(rules(Access.ALLOW, deny(AccessKind.INTRODUCE, "alice", "b*", null, null)));
        ConecClient alice = client("alice");
        ConecClient bob = client("bob");
        ConecException refusal = failureOf(alice.open("bob"));

        assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(refusal.getMessage()).contains("rules on introductions").doesNotContain("b*");
        assertThat(failureOf(alice.open("boris")).code())
                .as("whether the peer is there is none of its business")
                .isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(get(bob.open("alice")).peer()).isEqualTo("alice");
    }

    @Test
    void refusesAStreamToTheCoordinator() throws Exception {
        start(rules(Access.ALLOW, deny(AccessKind.OPEN_STREAM, "*", null, "admin-*", null)));
        coordinator().onStream(offer -> true, ConecStream::close);
        ConecChannel channel = client("alice").coordinator().orElseThrow();
        ConecException refusal = failureOf(channel.openStream("admin-restart"));

        assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(refusal.getMessage()).contains("rules on streams to the coordinator");
        assertThat(get(channel.openStream("echo")).receive()).isEmpty();
    }

    @Test
    void refusesToJoinAndToSend() throws Exception {
        start(rules(
                Access.ALLOW,
                deny(AccessKind.JOIN, "*", null, null, "secret"),
                allow(AccessKind.SEND, "editor", null, null, "news"),
                deny(AccessKind.SEND, "*", null, null, "news")));
        ConecClient alice = client("alice");
        ConecException join = failureOf(alice.join("secret", GroupOptions.receiveOnly()));
        ConecException send = failureOf(alice.join("news"));
        ConecGroup reader = get(alice.join("news", GroupOptions.receiveOnly()));
        ConecGroup editor = get(client("editor").join("news"));
        get(editor.send("extra"));

        assertThat(join.code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(join.getMessage()).contains("rules on joining groups");
        assertThat(send.code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(send.getMessage()).contains("rules on sending to groups");
        assertThat(reader.receive(AT_MOST).orElseThrow().message().text()).isEqualTo("extra");
    }

    @Test
    void deniesByDefaultWhatNoRuleAllows() {
        start(rules(
                Access.DENY,
                allow(AccessKind.CONNECT, "*", null, null, null),
                new AccessRule(Access.ALLOW, Set.of(), "alice", "bob", null, null)));
        ConecClient alice = client("alice");
        ConecClient bob = client("bob");

        assertThat(get(alice.open("bob")).peer()).isEqualTo("bob");
        assertThat(failureOf(bob.open("carol")).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(failureOf(alice.join("chat")).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(failureOf(alice.coordinator().orElseThrow().openStream("echo"))
                        .code())
                .isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(get(alice.presence())).extracting(PresentClient::id).containsExactly("bob");
        assertThat(get(bob.presence())).isEmpty();
    }

    @Test
    void asksTheAuthorizerWhereNoRuleMatches() {
        Set<String> threads = ConcurrentHashMap.newKeySet();
        start(new AccessPolicy(
                List.of(
                        allow(AccessKind.CONNECT, "*", null, null, null),
                        deny(AccessKind.JOIN, "*", null, null, "secret")),
                request -> {
                    threads.add(Thread.currentThread().getName());
                    if (request instanceof AccessRequest.Join join
                            && join.group().equals("secret")) {
                        return Optional.of(Access.ALLOW);
                    }
                    if (request instanceof AccessRequest.Introduce introduce) {
                        return Optional.of(introduce.to().value().equals("bob") ? Access.ALLOW : Access.DENY);
                    }
                    return Optional.empty();
                },
                Access.DENY));
        ConecClient alice = client("alice");
        client("bob");
        client("carol");

        assertThat(get(alice.open("bob")).peer()).isEqualTo("bob");
        assertThat(failureOf(alice.open("carol")).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(failureOf(alice.join("secret")).code())
                .as("a rule decides first")
                .isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(failureOf(alice.join("chat")).code()).as("the default").isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(threads).isNotEmpty().noneMatch(thread -> thread.matches("conec-coordinator-\\d+-\\d+"));
    }

    @Test
    void nobodyElseWaitsForAnAuthorizer() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        start(new AccessPolicy(
                List.of(allow(AccessKind.CONNECT, "*", null, null, null)),
                request -> {
                    if (request.from().id().value().equals("alice")) {
                        awaitUninterruptibly(goOn);
                    }
                    return Optional.of(Access.ALLOW);
                },
                Access.DENY));
        ConecClient alice = client("alice");
        CompletableFuture<ConecGroup> waiting = alice.join("chat");
        ConecGroup bobs = get(client("bob").join("chat"));
        ConecGroup carols = get(client("carol").join("chat"));
        get(carols.send("hello"));

        assertThat(bobs.receive(AT_MOST).orElseThrow().message().text()).isEqualTo("hello");
        assertThat(waiting).isNotDone();
        goOn.countDown();
        assertThat(get(waiting).isJoined()).isTrue();
    }

    @Test
    void sendsWhatCameWhileTheAuthorizerWasAsked() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        start(new AccessPolicy(
                List.of(allow(AccessKind.CONNECT, "*", null, null, null)),
                request -> {
                    awaitUninterruptibly(goOn);
                    return Optional.of(Access.ALLOW);
                },
                Access.DENY));
        coordinator().onStream("echo", stream -> {
            for (var message = stream.receive(); message.isPresent(); message = stream.receive()) {
                stream.send(message.get());
            }
            stream.finish();
        });
        CompletableFuture<ConecStream> opening =
                client("alice").coordinator().orElseThrow().openStream("echo");
        goOn.countDown();
        ConecStream echo = get(opening);
        get(echo.send("hello"));

        assertThat(echo.receive(AT_MOST).orElseThrow().text()).isEqualTo("hello");
    }

    @Test
    void refusesWhenTheAuthorizerFailsOrIsTooSlow() {
        CountDownLatch end = new CountDownLatch(1);
        network = Network.start(
                transport -> transport.requestTimeout(Duration.ofSeconds(1)),
                coordinator -> coordinator.access(new AccessPolicy(
                        List.of(allow(AccessKind.CONNECT, "*", null, null, null)),
                        request -> {
                            if (request.kind() == AccessKind.JOIN) {
                                awaitUninterruptibly(end);
                            }
                            throw new IllegalStateException("a bug of the application's");
                        },
                        Access.ALLOW)));
        ConecClient alice = client("alice");
        client("bob");
        ConecException failed = failureOf(alice.open("bob"));
        ConecException slow = failureOf(alice.join("chat"));
        end.countDown();

        assertThat(failed.code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(failed.getMessage()).doesNotContain("bug");
        assertThat(slow.code()).isEqualTo(ErrorCode.NOT_ALLOWED);
    }

    /** Connecting is allowed at once, all else when {@code goOn} is. */
    private void startAllowingLate(CountDownLatch asked, CountDownLatch goOn) {
        start(new AccessPolicy(
                List.of(allow(AccessKind.CONNECT, "*", null, null, null)),
                request -> {
                    asked.countDown();
                    awaitUninterruptibly(goOn);
                    return Optional.of(Access.ALLOW);
                },
                Access.DENY));
    }

    @Test
    void aDecisionUnderOldRulesDoesNotCount() {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        startAllowingLate(asked, goOn);
        CompletableFuture<ConecGroup> joining = client("alice").join("chat");
        awaitUninterruptibly(asked);
        get(coordinator().replaceAccessPolicy(rules(Access.DENY, allow(AccessKind.CONNECT, "*", null, null, null))));
        goOn.countDown();

        assertThat(failureOf(joining).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(coordinator().hostedGroups()).isEmpty();
    }

    @Test
    void aClientThatClosesWaitsForNoDecision() {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        startAllowingLate(asked, goOn);
        ConecClient alice = client("alice");
        CompletableFuture<ConecGroup> joining = alice.join("chat");
        awaitUninterruptibly(asked);

        alice.close();

        assertThat(failureOf(joining).code()).isEqualTo(ErrorCode.SHUTTING_DOWN);
        goOn.countDown();
    }

    @Test
    void bothDecisionsOnAMemberThatSendsAreByTheSameRules() {
        AtomicBoolean changed = new AtomicBoolean();
        ConecAuthorizer authorizer = new ConecAuthorizer() {
            @Override
            public Optional<Access> authorize(AccessRequest request) {
                if (request.kind() == AccessKind.SEND && changed.compareAndSet(false, true)) {
                    get(coordinator()
                            .replaceAccessPolicy(new AccessPolicy(
                                    List.of(deny(AccessKind.JOIN, "*", null, null, "secret")), this, Access.ALLOW)));
                }
                return Optional.empty();
            }
        };
        start(new AccessPolicy(List.of(), authorizer, Access.ALLOW));
        ConecException refusal = failureOf(client("alice").join("secret"));

        assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(refusal.getMessage()).contains("joining groups");
        assertThat(coordinator().hostedGroups()).isEmpty();
    }

    @Test
    void endsWhatIsNotAllowedAnyMore() throws Exception {
        start(AccessPolicy.ALLOW_ALL);
        coordinator().onStream(offer -> true, stream -> stream.closed().join());
        ConecClient alice = client("alice");
        ConecClient bob = client("bob");
        ConecClient carol = client("carol");
        ConecChannel toBob = get(alice.open("bob"));
        ConecChannel toCarol = get(alice.open("carol"));
        ConecStream admin = get(alice.coordinator().orElseThrow().openStream("admin"));
        ConecStream other = get(alice.coordinator().orElseThrow().openStream("other"));
        ConecGroup secret = get(alice.join("secret", GroupOptions.receiveOnly()));
        ConecGroup news = get(alice.join("news"));
        ConecGroup chat = get(alice.join("chat"));
        assertThat(get(carol.presence())).extracting(PresentClient::id).containsExactly("alice", "bob");
        long before = System.nanoTime();

        get(coordinator()
                .replaceAccessPolicy(rules(
                        Access.ALLOW,
                        new AccessRule(Access.DENY, Set.of(), "alice", "bob", null, null),
                        deny(AccessKind.OPEN_STREAM, "*", null, "admin", null),
                        deny(AccessKind.JOIN, "*", null, null, "secret"),
                        deny(AccessKind.SEND, "*", null, null, "news"),
                        deny(AccessKind.SEE, "carol", "alice", null, null))));

        assertThat(get(toBob.closed()).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(get(toBob.closed()).byPeer()).isTrue();
        await().until(() ->
                bob.channels().stream().noneMatch(channel -> channel.peer().equals("alice")));
        assertThat(get(admin.closed())).isEqualTo(ErrorCode.NOT_ALLOWED);
        CloseReason left = get(secret.closed());
        assertThat(left.code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(left.message()).contains("joining groups");
        assertThat(get(news.closed()).message()).contains("sending to groups");
        eventually(() ->
                assertThat(get(carol.presence())).extracting(PresentClient::id).containsExactly("bob"));
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(AT_MOST);

        assertThat(toCarol.closed()).isNotDone();
        assertThat(other.closed()).isNotDone();
        assertThat(chat.isJoined()).isTrue();
        assertThat(alice.status().reconnects()).isZero();
        assertThat(failureOf(alice.open("bob")).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
    }

    @Test
    void restoresAChannelWhicheverSideAsks() {
        AccessPolicy oneWay = rules(Access.ALLOW, deny(AccessKind.INTRODUCE, "bob", "alice", null, null));
        start(oneWay);
        ConecClient alice = client("alice");
        ConecClient bob = client("bob");
        ConecChannel channel = get(alice.open("bob"));
        // The link of the side that may not ask is lost, and it asks to restore.
        coordinator().client("bob").orElseThrow().close(ErrorCode.CONNECTION_LOST, "for the test");
        await().until(() -> bob.status().reconnects() == 1);

        await().until(() -> coordinator().statistics().relayedChannels() == 1);
        assertThat(channel.closed()).isNotDone();
        get(coordinator().recheckAccess());
        assertThat(coordinator().statistics().relayedChannels()).isEqualTo(1);
        assertThat(channel.closed()).isNotDone();
        assertThat(failureOf(bob.open("carol")).code()).isEqualTo(ErrorCode.UNKNOWN_PEER);
    }

    @Test
    void asksTheAuthorizerAgain() {
        AtomicBoolean trusted = new AtomicBoolean(true);
        start(new AccessPolicy(
                List.of(),
                request ->
                        Optional.of(request.kind() == AccessKind.CONNECT || trusted.get() ? Access.ALLOW : Access.DENY),
                Access.DENY));
        ConecGroup chat = get(client("alice").join("chat"));
        ConecGroup quiet = get(client("bob").join("quiet"));
        get(coordinator().recheckAccess());
        assertThat(chat.isJoined()).isTrue();
        trusted.set(false);
        get(coordinator().recheckAccess());

        assertThat(get(chat.closed()).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(get(quiet.closed()).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(client("alice").status().reconnects()).isZero();
    }

    @Test
    void throwsOutARevokedId() {
        start(AccessPolicy.ALLOW_ALL);
        ConecClient alice = client("alice");
        ConecClient bob = client("bob");
        ConecChannel channel = get(bob.open("alice"));
        ConecGroup chat = get(alice.join("chat"));
        ConecChannel link = alice.coordinator().orElseThrow();
        get(coordinator().revoke(new ClientId("alice")));

        assertThat(get(link.closed()).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(get(link.closed()).message()).contains("revoked");
        assertThat(get(channel.closed()).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        await().until(() -> coordinator().hostedGroups().isEmpty());
        await().until(() -> {
            ConecException error = alice.status().lastError();
            return error != null && error.code() == ErrorCode.NOT_ALLOWED;
        });
        assertThat(chat.isJoined()).isFalse();
        assertThat(coordinator().revokedIds()).containsExactly(new ClientId("alice"));
        assertThat(failureOf(bob.open("alice")).code()).isEqualTo(ErrorCode.UNKNOWN_PEER);

        coordinator().reinstate(new ClientId("alice"));
        await().until(() -> alice.status().state() == ClientStatus.State.CONNECTED);
        await().until(chat::isJoined);
    }

    @Test
    void throwsOutARevokedCertificate() {
        start(AccessPolicy.ALLOW_ALL);
        Identity stolen = Identity.generate(new ClientId("alice"));
        ConecClient alice = network().client("alice", builder -> builder.identity(stolen));
        ConecChannel link = alice.coordinator().orElseThrow();
        get(coordinator().revoke(stolen.fingerprint()));

        assertThat(get(link.closed()).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
        assertThat(coordinator().revokedCertificates()).containsExactly(Fingerprint.of(stolen.certificate()));
        try (ConecClient renewed = network()
                .unstartedClient("alice", builder -> builder.identity(Identity.generate(new ClientId("alice"))))) {
            get(renewed.start());
            assertThat(failureOf(unstartedWith(stolen).start()).code())
                    .isIn(ErrorCode.NOT_ALLOWED, ErrorCode.ID_IN_USE);
        }
    }

    /** Whoever has stolen a key might drop the link and keep its direct channels. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsTheDirectChannelsOfARevokedClientThatHasNoLink(boolean byId) {
        start(AccessPolicy.ALLOW_ALL);
        try (UdpForwarder forwarder = new UdpForwarder(coordinator().localAddress())) {
            ConecClient alice = network()
                    .client(
                            "alice",
                            builder ->
                                    builder.coordinatorPort(forwarder.address().getPort()));
            ConecClient bob = client("bob");
            ConecChannel channel = get(bob.open("alice"));
            await().until(() -> channel.path().kind() == ChannelPath.Kind.DIRECT);
            forwarder.silent(true);
            coordinator().client("alice").orElseThrow().close(ErrorCode.CONNECTION_LOST, "for the test");
            await().until(() -> coordinator().client("alice").isEmpty());
            assertThat(channel.closed()).isNotDone();
            long before = System.nanoTime();

            get(
                    byId
                            ? coordinator().revoke(new ClientId("alice"))
                            : coordinator().revoke(alice.identity().fingerprint()));

            assertThat(get(channel.closed()).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(AT_MOST);
            await().until(() ->
                    alice.channels().stream().noneMatch(each -> each.peer().equals("bob")));
        }
    }

    @Test
    void keepsRevocationsWhenItIsStartedAgain() {
        start(AccessPolicy.ALLOW_ALL);
        get(coordinator().revoke(new ClientId("mallory")));
        coordinator().close();
        coordinator().start();

        assertThat(failureOf(unstarted("mallory").start()).code()).isEqualTo(ErrorCode.NOT_ALLOWED);
    }

    private ConecClient unstartedWith(Identity identity) {
        return network().unstartedClient("alice", builder -> builder.identity(identity));
    }

    private void start(AccessPolicy policy) {
        network = Network.start(transport -> transport, coordinator -> coordinator.access(policy));
    }

    private Network network() {
        Network started = network;
        if (started == null) {
            throw new IllegalStateException("not started");
        }
        return started;
    }

    private ConecCoordinator coordinator() {
        return network().coordinator();
    }

    private ConecClient client(String id) {
        return network().client(id);
    }

    private ConecClient unstarted(String id) {
        return network().unstartedClient(id, builder -> builder);
    }

    private static AccessPolicy rules(Access otherwise, AccessRule... rules) {
        return new AccessPolicy(List.of(rules), null, otherwise);
    }

    private static AccessRule allow(
            AccessKind kind, String from, @Nullable String to, @Nullable String stream, @Nullable String group) {
        return new AccessRule(Access.ALLOW, Set.of(kind), from, to, stream, group);
    }

    private static AccessRule deny(
            AccessKind kind, String from, @Nullable String to, @Nullable String stream, @Nullable String group) {
        return new AccessRule(Access.DENY, Set.of(kind), from, to, stream, group);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
