package io.conec.client;

import static io.conec.testing.Outcomes.get;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ClientId;
import io.conec.TransportConfig;
import io.conec.internal.protocol.Candidate;
import io.conec.internal.protocol.Candidates;
import io.conec.internal.protocol.Control;
import io.conec.internal.protocol.Introduction;
import io.conec.internal.protocol.PeerHello;
import io.conec.internal.protocol.Protocol;
import io.conec.internal.protocol.TransportAddress;
import io.conec.security.Identity;
import io.conec.testing.LyingCoordinator;
import io.conec.testing.RawClient;
import io.conec.testing.RawStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** When and where a client tells its peer that it may be reached, whatever its coordinator says. */
final class CandidatesTests {
    private static final InetSocketAddress ELSEWHERE = new InetSocketAddress("203.0.113.5", 61_000);
    private static final long HANDLE = 0x1234_5678_9abc_def0L;

    @Test
    void areToldAgainWhenTheCoordinatorSeesTheClientElsewhere() throws Exception {
        try (Pair pair = new Pair(Duration.ofMillis(300))) {
            assertThat(pair.next()).doesNotContain(ELSEWHERE);

            pair.liar.observes(ELSEWHERE);

            assertThat(pair.next()).contains(ELSEWHERE);
        }
    }

    @Test
    void areNotToldAgainForWhatNobodyAsked() throws Exception {
        try (Pair pair = new Pair(Duration.ofSeconds(20))) {
            pair.next();
            for (int port = 1; port <= 200; port++) {
                pair.liar.observes(new InetSocketAddress("203.0.113.5", port));
                pair.liar.sendStatus(0, pair.alice.localAddress());
            }

            Awaitility.await().during(Duration.ofSeconds(1)).until(() -> !pair.control.hasFrame());
        }
    }

    /** alice, and a peer that reads what she says, at a coordinator that lies. */
    private static final class Pair implements AutoCloseable {
        final CountDownLatch introduced = new CountDownLatch(1);
        final LyingCoordinator liar = new LyingCoordinator((link, message) -> introduced.countDown());
        final ConecClient alice;
        final RawStream control;
        private final RawClient peer = new RawClient();

        Pair(Duration keepAlive) throws Exception {
            alice = new ConecClient(ClientConfig.builder("alice", "localhost")
                    .coordinatorAddress("127.0.0.1")
                    .coordinatorPort(liar.address().getPort())
                    .coordinatorTrust(liar.trust())
                    .bindAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .transport(TransportConfig.builder()
                            .keepAliveInterval(keepAlive)
                            .build())
                    .build());
            get(alice.start());
            Identity identity = Identity.generate(new ClientId("bob"));
            peer.connect(liar.address(), liar.trust(), identity).register("bob");
            liar.link("bob").owns(HANDLE);
            liar.link("alice")
                    .owns(HANDLE ^ 1)
                    .send(Control.newBuilder()
                            .setIntroduction(Introduction.newBuilder()
                                    .setIntroduction(1)
                                    .setPeer("bob")
                                    .setCertificate(LyingCoordinator.der(identity))
                                    .setRelayHandle(HANDLE ^ 1)));
            assertThat(introduced.await(20, SECONDS)).isTrue();
            control = peer.dialPeer(HANDLE, identity).openStream();
            control.frame(Control.newBuilder()
                    .setPeerHello(PeerHello.newBuilder().setVersion(Protocol.version()))
                    .build());
        }

        /** What alice says next. */
        List<InetSocketAddress> next() throws Exception {
            Candidates candidates = control.next(Control.KindCase.CANDIDATES).getCandidates();
            List<InetSocketAddress> addresses = new ArrayList<>();
            for (Candidate each : candidates.getCandidatesList()) {
                addresses.add(TransportAddress.of(each.getAddress(), each.getPort()));
            }
            return addresses;
        }

        @Override
        public void close() {
            peer.close();
            alice.close();
            liar.close();
        }
    }
}
