package io.conec.natlab;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

@InLaboratory
final class RelayedTests {
    @Test
    void first() {
        try (Laboratory laboratory = Laboratory.open("first")) {
            long t0 = System.nanoTime();
            Internet internet = new Internet(laboratory);
            CoordinatorProcess coordinator =
                    CoordinatorProcess.start(laboratory, internet.host("coordinator", Family.DUAL_STACK));
            ClientProcess alice = ClientProcess.start(
                    laboratory,
                    internet.router("router-a", Nat.SYMMETRIC, Family.IPV4).host("alice"),
                    coordinator);
            ClientProcess bob = ClientProcess.start(
                    laboratory,
                    internet.router(
                                    "router-b",
                                    Nat.PORT_DEPENDENT,
                                    Family.IPV4,
                                    LinkSettings.of(20, Duration.ofMillis(20)))
                            .host("bob"),
                    coordinator);
            alice.awaitConnected();
            bob.awaitConnected();
            System.out.println("connected " + (System.nanoTime() - t0) / 1000000);
            Conversation conversation = Conversation.begin(alice, bob, Conversation.Load.FULL);
            System.out.println(conversation.awaitMessagesAfter(System.nanoTime(), Duration.ofSeconds(10)));
            System.out.println(conversation.path());
            System.out.println(
                    conversation.awaitMessagesAfter(System.nanoTime() + 3_000_000_000L, Duration.ofSeconds(10)));
            System.out.println(conversation.end(Duration.ofSeconds(20)));
            System.out.println(bob.host().uplink().requireLink().counts());
            assertThat(coordinator.relayedBytes()).isPositive();
        }
    }
}
