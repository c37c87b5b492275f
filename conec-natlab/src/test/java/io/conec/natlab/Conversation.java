package io.conec.natlab;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ChannelPath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** Traffic between two clients, on some streams of their channel, both ways on each. */
final class Conversation {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final Duration POLL_INTERVAL = Duration.ofMillis(50);
    /** What must not happen to messages, as {@code Traffic} counts it. */
    private static final List<String> FAULTS = List.of("pending", "damaged", "skipped", "misplaced");

    /**
     * How much is sent, on each stream and in each direction.
     *
     * @param bytesPerSecond 0 for as fast as it goes
     * @param bytes 0 for until told to stop
     */
    record Load(int streams, long bytesPerSecond, long bytes) {
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
    private final long begun = System.nanoTime();
    private final String label = "conversation" + COUNT.incrementAndGet();

    private Conversation(ClientProcess alice, ClientProcess bob, Load load) {
        this.alice = alice;
        this.bob = bob;
        this.load = load;
    }

    /** Opens the channel and the streams, and begins to send. */
    static Conversation begin(ClientProcess alice, ClientProcess bob, Load load) {
        Conversation conversation = new Conversation(alice, bob, load);
        alice.open(bob);
        alice.ask("traffic %s %s %d %d %d"
                .formatted(bob.id(), conversation.label, load.streams(), load.bytesPerSecond(), load.bytes()));
        return conversation;
    }

    /** Waits until both sides send that way. */
    void awaitPath(ChannelPath.Kind kind, Duration patience) {
        Awaitility.await(label + " is " + kind)
                .atMost(patience)
                .pollDelay(Duration.ZERO)
                .pollInterval(POLL_INTERVAL)
                .until(() -> paths().equals(List.of(kind, kind)));
    }

    /** How alice sends now, and how bob does. */
    List<ChannelPath.Kind> paths() {
        return List.of(alice.path(bob), bob.path(alice));
    }

    /** The kinds of path that both sides have had, from when they were direct for the first time. */
    List<ChannelPath.Kind> pathsSinceDirect() {
        return Stream.of(alice.paths(bob), bob.paths(alice))
                .flatMap(paths -> paths.stream()
                        .filter(path -> path.nanoTime() - begun > 0)
                        .map(ClientProcess.PathSince::kind)
                        .dropWhile(kind -> kind != ChannelPath.Kind.DIRECT))
                .distinct()
                .toList();
    }

    /**
     * Waits until every stream has received something after that moment, on both sides.
     *
     * @param nanoTime as from {@link System#nanoTime()}
     * @return how long after it each did
     */
    List<Duration> awaitMessagesAfter(long nanoTime, Duration patience) {
        List<Duration> delays = new ArrayList<>();
        Awaitility.await("messages on all streams of " + label)
                .atMost(patience)
                .pollInterval(POLL_INTERVAL)
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
        return checkWhole("finish", patience);
    }

    /** As {@link #end}, without stopping a load that has an end. */
    List<Report> await(Duration patience) {
        return checkWhole("join", patience);
    }

    /**
     * Waits until alice knows that bob is gone, and checks what is promised even then: each send has been answered, and what had been received was in order.
     */
    Report endWithoutBob(Duration patience) {
        Report report = Report.parse(alice.await(alice.request("join " + label), "join", patience));
        assertThat(report.number("finished")).as(report.text()).isEqualTo(load.streams());
        FAULTS.forEach(fault ->
                assertThat(report.number(fault)).as(fault + " in " + report).isZero());
        return report;
    }

    private List<Report> checkWhole(String how, Duration patience) {
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
            assertThat(report.number("failed")).as("failed in " + report).isZero();
            assertThat(report.number("streams")).as(report.text()).isEqualTo(load.streams());
            assertThat(report.number("finished")).as(report.text()).isEqualTo(load.streams());
            FAULTS.forEach(fault ->
                    assertThat(report.number(fault)).as(fault + " in " + report).isZero());
        }
        assertThat(bobs.number("received")).as("bob's of alice's").isEqualTo(alices.number("sent"));
        assertThat(alices.number("received")).as("alice's of bob's").isEqualTo(bobs.number("sent"));
        return List.of(alices, bobs);
    }
}
