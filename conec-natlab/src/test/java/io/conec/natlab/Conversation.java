package io.conec.natlab;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ChannelPath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/** Traffic between two clients, on some streams of their channel, both ways on each. */
final class Conversation {
    private static final AtomicInteger COUNT = new AtomicInteger();

    /** How much is sent, in each direction. */
    record Load(int streams, long bytesPerSecond, long bytes) {
        /** As fast as it goes until told to stop. */
        static final Load FULL = new Load(4, 0, 0);

        /** A trickle, for where only the path matters. */
        static final Load LIGHT = new Load(3, 20_000, 0);

        /** As fast as it goes, that much on all streams together. */
        static Load of(long bytes) {
            return new Load(4, 0, bytes / 4);
        }
    }

    private final ClientProcess alice;
    private final ClientProcess bob;
    private final Load load;
    private final String label = "conversation" + COUNT.incrementAndGet();

    private Conversation(ClientProcess alice, ClientProcess bob, Load load) {
        this.alice = alice;
        this.bob = bob;
        this.load = load;
    }

    /** Opens the channel and the streams, and begins to send. */
    static Conversation begin(ClientProcess alice, ClientProcess bob, Load load) {
        alice.open(bob);
        Conversation conversation = new Conversation(alice, bob, load);
        alice.ask("traffic %s %s %d %d %d"
                .formatted(bob.id(), conversation.label, load.streams(), load.bytesPerSecond(), load.bytes()));
        return conversation;
    }

    ChannelPath.Kind path() {
        return alice.path(bob);
    }

    /**
     * Waits until every stream has received something after that moment, on both sides.
     *
     * @return how long after it each did
     */
    List<Duration> awaitMessagesAfter(long nanoTime, Duration patience) {
        List<Duration> delays = new ArrayList<>();
        org.awaitility.Awaitility.await("messages on all streams of " + label)
                .atMost(patience)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    delays.clear();
                    delays.addAll(delaysAfter(alice, nanoTime));
                    delays.addAll(delaysAfter(bob, nanoTime));
                    return delays.size() == 2 * load.streams();
                });
        return delays;
    }

    private List<Duration> delaysAfter(ClientProcess client, long nanoTime) {
        return Arrays.stream(client.ask("first-after " + label + " " + nanoTime).split(" ", -1))
                .filter(time -> !time.isEmpty() && !time.equals("0"))
                .map(time -> Duration.ofNanos(Long.parseLong(time) - nanoTime))
                .toList();
    }

    /** What alice has received and sent so far, then what bob has. */
    List<Report> reports() {
        return List.of(Report.parse(alice.ask("report " + label)), Report.parse(bob.ask("report " + label)));
    }

    /** Stops sending, waits until everything has arrived, and checks that it has: nothing lost, nothing twice, nothing in the wrong place, no send failed. */
    List<Report> end(Duration patience) {
        return check("finish", patience);
    }

    /** As {@link #end}, without stopping a load that has an end. */
    List<Report> await(Duration patience) {
        return check("join", patience);
    }

    private List<Report> check(String how, Duration patience) {
        CompletableFuture<String> first = alice.request(how + " " + label);
        CompletableFuture<String> second = bob.request(how + " " + label);
        Report alices;
        Report bobs;
        try {
            alices = Report.parse(alice.await(first, how, patience));
            bobs = Report.parse(bob.await(second, how, patience));
        } catch (IllegalStateException e) {
            throw new AssertionError(
                    e.getMessage() + "\n" + reports() + "\n" + alice.events() + "\n" + bob.events(), e);
        }
        for (Report report : List.of(alices, bobs)) {
            assertThat(report.word("failures")).as(report.text()).isEmpty();
            assertThat(report.number("streams")).as(report.text()).isEqualTo(load.streams());
            assertThat(report.number("finished")).as(report.text()).isEqualTo(load.streams());
            for (String fault : List.of("failed", "pending", "damaged", "skipped", "misplaced")) {
                assertThat(report.number(fault)).as(fault + " in " + report).isZero();
            }
        }
        assertThat(bobs.number("received")).as("bob's of alice's").isEqualTo(alices.number("sent"));
        assertThat(alices.number("received")).as("alice's of bob's").isEqualTo(bobs.number("sent"));
        return List.of(alices, bobs);
    }
}
