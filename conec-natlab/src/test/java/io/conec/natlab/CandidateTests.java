package io.conec.natlab;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ChannelPath.Kind;
import io.conec.client.PathPolicy;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Direct paths that are found only because a client knows, and tells, one more address of its own. */
@InLaboratory
final class CandidateTests {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int PORT = 1720;

    private static Laboratory laboratory;
    private static Internet internet;
    private static CoordinatorProcess coordinator;

    @BeforeAll
    static void connect() {
        laboratory = Laboratory.open("candidates");
        internet = new Internet(laboratory);
        coordinator = CoordinatorProcess.start(laboratory, internet.host("coordinator", Family.IPV4));
    }

    @AfterAll
    static void close() {
        laboratory.close();
    }

    /** The two have no way to each other but the coordinator, until a cable is laid between them. */
    @Test
    void areToldAgainWhenAnInterfaceComes() {
        Host one = internet.host("cable-one", Family.IPV4);
        Host other = internet.host("cable-other", Family.IPV4);
        internet.block(one.uplink(), other.uplink());
        ClientProcess alice = start(one);
        ClientProcess bob = start(other);
        Conversation conversation = Conversation.begin(alice, bob, Conversation.Load.LIGHT);
        conversation.awaitMessagesAfter(System.nanoTime(), PATIENCE);
        assertThat(conversation.paths()).containsOnly(Kind.RELAYED);

        one.namespace()
                .ip(
                        "link add cable type veth peer name cable netns "
                                + other.namespace().name(),
                        "address add 10.99.0.1/24 dev cable",
                        "link set cable up");
        other.namespace().ip("address add 10.99.0.2/24 dev cable", "link set cable up");

        conversation.awaitPath(Kind.DIRECT, PATIENCE);
        assertThat(alice.ask("path " + bob.id())).contains("/10.99.0.2:");
        assertThat(bob.ask("path " + alice.id())).contains("/10.99.0.1:");
        conversation.end(PATIENCE);
    }

    /** Behind a NAT through which there is otherwise no way to whoever is behind one that checks ports. */
    @Test
    void mayBeConfigured() {
        Router router = internet.router("forwarding", Nat.SYMMETRIC, Family.IPV4);
        ClientProcess alice =
                ClientProcess.start(laboratory, router.host("forwarded"), coordinator, PathPolicy.AUTO, PORT);
        router.forward(PORT, 1);
        ClientProcess bob = start(
                internet.router("checking", Nat.PORT_DEPENDENT, Family.IPV4).host("checked"));
        alice.awaitConnected();
        Conversation conversation = Conversation.begin(alice, bob, Conversation.Load.LIGHT);

        conversation.awaitPath(Kind.DIRECT, PATIENCE);
        assertThat(bob.ask("path " + alice.id())).contains("/" + router.uplink().v4() + ":" + PORT);
        conversation.end(PATIENCE);
    }

    private static ClientProcess start(Host host) {
        ClientProcess client = ClientProcess.start(laboratory, host, coordinator, PathPolicy.AUTO);
        client.awaitConnected();
        return client;
    }
}
