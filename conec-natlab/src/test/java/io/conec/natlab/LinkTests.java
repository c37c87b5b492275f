package io.conec.natlab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The laboratory's links are as good and as bad as they are set. */
@InLaboratory
@Execution(ExecutionMode.SAME_THREAD)
final class LinkTests {
    private static final int PORT = 4000;
    private static final LinkSettings GOOD = LinkSettings.of(0, Duration.ZERO);

    private static Laboratory laboratory;
    private static Host host;
    private static UdpSockets near;
    private static UdpSockets far;

    @BeforeAll
    static void connect() {
        laboratory = Laboratory.open("link");
        Internet internet = new Internet(laboratory);
        host = internet.host("host", Family.IPV4, GOOD);
        near = new UdpSockets(laboratory, "near", host.namespace());
        far = new UdpSockets(laboratory, "far", internet.core());
        near.open("socket", "0.0.0.0", PORT);
        far.open("socket", "0.0.0.0", PORT);
    }

    @AfterAll
    static void close() {
        laboratory.close();
    }

    @Test
    void takesItsTime() {
        for (Duration roundTrip : List.of(Duration.ofMillis(16), Duration.ofMillis(300))) {
            link().set(LinkSettings.of(0, roundTrip));
            long forth = fastest(near, far, "198.18.1.1", roundTrip.toMillis());
            long back = fastest(far, near, "198.18.1.2", roundTrip.toMillis());

            // The fastest of some: the others had to wait for this machine.
            assertThat(Duration.ofNanos(forth + back)).isBetween(roundTrip, roundTrip.plusMillis(10));
        }
    }

    private static long fastest(UdpSockets from, UdpSockets to, String address, long name) {
        long fastest = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            String text = "time" + name + "/" + i;
            long sent = System.nanoTime();
            from.send("socket", new InetSocketAddress(address, PORT), text);
            fastest = Math.min(fastest, to.expect(text).nanoTime() - sent);
        }
        return fastest;
    }

    @Test
    void losesItsPart() {
        link().set(GOOD.losing(0.1));

        assertThat(arrivals("lossy", 3000)).hasSizeBetween(2600, 2800);
    }

    @Test
    void losesNothingByItself() {
        link().set(GOOD);

        assertThat(arrivals("good", 3000))
                .extracting(UdpSockets.Arrival::number)
                .isSorted()
                .hasSize(3000);
    }

    @Test
    void carriesAtItsRate() {
        // The queue takes all of them.
        link().set(new LinkSettings(1_000_000, Duration.ZERO, Duration.ofSeconds(10), 0, 0, 0));

        List<UdpSockets.Arrival> arrivals = arrivals("rate" + "x".repeat(990), 101);

        assertThat(arrivals).hasSize(101);
        // A hundred times about 1,025 bytes, headers included, at a million bits a second.
        assertThat(Duration.ofNanos(
                        arrivals.get(100).nanoTime() - arrivals.get(0).nanoTime()))
                .isBetween(Duration.ofMillis(780), Duration.ofMillis(900));
    }

    @Test
    void dropsWhatWouldWaitTooLong() {
        link().set(new LinkSettings(1_000_000, Duration.ZERO, Duration.ofMillis(100), 0, 0, 0));

        // In 100 ms it carries 12,500 bytes.
        assertThat(arrivals("queue" + "x".repeat(990), 100)).hasSizeBetween(12, 30);
    }

    @Test
    void reordersItsPart() {
        link().set(LinkSettings.of(10, Duration.ofMillis(10)).reordering(0.05));

        List<UdpSockets.Arrival> arrivals = arrivals("reordered" + "x".repeat(100), 100);

        assertThat(arrivals).hasSize(100);
        long overtaken = arrivals.stream()
                .filter(arrival -> arrivals.subList(0, arrivals.indexOf(arrival)).stream()
                        .anyMatch(earlier -> earlier.number() > arrival.number()))
                .count();
        assertThat(overtaken).isBetween(1L, 15L);
    }

    @Test
    void duplicatesItsPart() {
        link().set(GOOD.duplicating(0.05));

        List<UdpSockets.Arrival> arrivals = arrivals("twice", 2000);

        assertThat(arrivals).hasSizeBetween(2050, 2150);
        assertThat(arrivals.stream().map(UdpSockets.Arrival::number).distinct()).hasSize(2000);
    }

    @Test
    void swallowsWhatIsTooLarge() {
        link().set(GOOD);
        link().swallow(1000);
        try {
            // With the headers of IP and UDP, 28 bytes, and their number.
            near.send("socket", new InetSocketAddress("198.18.1.1", PORT), "s".repeat(990));
            near.send("socket", new InetSocketAddress("198.18.1.1", PORT), "l".repeat(960));

            far.expect("l".repeat(960));
            assertThat(far.arrivals()).extracting(UdpSockets.Arrival::text).doesNotContain("s".repeat(990));
        } finally {
            link().swallow(0);
        }
    }

    @Test
    void isABlackHoleUntilItIsFreed() {
        link().set(LinkSettings.of(0, Duration.ofMillis(100)));
        near.send("socket", new InetSocketAddress("198.18.1.1", PORT), "under-way");
        link().block();
        near.send("socket", new InetSocketAddress("198.18.1.1", PORT), "blocked");
        far.send("socket", new InetSocketAddress("198.18.1.2", PORT), "blocked");
        await().until(() ->
                link().counts().stream().mapToLong(Link.Counts::blocked).sum() >= 3);
        link().free();
        near.send("socket", new InetSocketAddress("198.18.1.1", PORT), "freed");
        far.send("socket", new InetSocketAddress("198.18.1.2", PORT), "freed");

        far.expect("freed");
        near.expect("freed");
        assertThat(far.arrivals()).extracting(UdpSockets.Arrival::text).doesNotContain("under-way", "blocked");
        assertThat(near.arrivals()).extracting(UdpSockets.Arrival::text).doesNotContain("blocked");
    }

    private static Link link() {
        return host.uplink().requireLink();
    }

    /** Sends that many to the far side, waits until no more come, and returns them in order of arrival. */
    private static List<UdpSockets.Arrival> arrivals(String text, int count) {
        near.send("socket", new InetSocketAddress("198.18.1.1", PORT), text, count);
        String last = "last-" + text.substring(0, 4);
        // Behind all that still waits.
        link().set(LinkSettings.of(0, Duration.ofSeconds(2)));
        near.send("socket", new InetSocketAddress("198.18.1.1", PORT), last);
        far.expect(last);
        return far.arrivals().stream()
                .filter(arrival -> arrival.text().equals(text))
                .sorted(Comparator.comparingLong(UdpSockets.Arrival::nanoTime))
                .toList();
    }
}
