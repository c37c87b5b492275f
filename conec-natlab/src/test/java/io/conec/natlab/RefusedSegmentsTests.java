package io.conec.natlab;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ChannelPath.Kind;
import io.conec.client.PathPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Machines whose system takes no segmented packets. */
@InLaboratory
final class RefusedSegmentsTests {
    private static final String NAME = "refused-segments";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int BYTES = 4_000_000;

    private static Laboratory laboratory;
    private static Internet internet;
    private static CoordinatorProcess coordinator;

    @BeforeAll
    static void connect() {
        laboratory = Laboratory.open(NAME);
        internet = new Internet(laboratory);
        coordinator = CoordinatorProcess.start(laboratory, refusing("coordinator"));
    }

    private static Host refusing(String name) {
        return internet.host(name, Family.IPV4).preloading(laboratory.refusal());
    }

    @AfterAll
    static void close() {
        laboratory.close();
    }

    @ParameterizedTest
    @EnumSource
    void channelLosesNothing(Kind kind) throws IOException {
        String name = kind.name().toLowerCase(Locale.ROOT);
        PathPolicy policy = kind == Kind.DIRECT ? PathPolicy.AUTO : PathPolicy.RELAY_ONLY;
        Host host = refusing(name + "-alice");
        ClientProcess alice = ClientProcess.start(laboratory, host, coordinator, policy);
        ClientProcess bob =
                ClientProcess.start(laboratory, internet.host(name + "-bob", Family.IPV4), coordinator, policy);
        alice.awaitConnected();
        bob.awaitConnected();
        alice.open(bob, kind, PATIENCE);

        Conversation conversation = Conversation.begin(alice, bob, Conversation.Load.of(BYTES));

        conversation.await(PATIENCE);
        assertThat(conversation.paths()).containsOnly(kind);
        assertThat(logOf(host.name())).contains("refuses segmented packets");
        if (kind == Kind.RELAYED) {
            assertThat(logOf("coordinator")).contains("refuses segmented packets");
        }
    }

    private static String logOf(String process) throws IOException {
        return Files.readString(Path.of("target", "natlab", NAME, process + ".log"));
    }
}
