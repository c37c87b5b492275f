package io.conec.benchmarks.report;

import io.conec.benchmarks.report.Results.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What one coordinator needs for many clients, from what one of each was measured to cost. */
public final class ScaleOnPaper {
    private static final String COORDINATOR = "conec-coordinator";
    private static final Place IDLE = new Place("idle-5000", COORDINATOR, 0);
    private static final Place IDLE_COARSE = new Place("idle-1000", COORDINATOR, 0);
    private static final Place SET_UPS = new Place("set-ups", COORDINATOR, 0);
    private static final Place INTRODUCTIONS = new Place("introductions", "conec-relayed", 0);
    private static final Place RELAY = new Place("throughput", "conec-relayed", 1024);
    private static final List<Integer> CLIENTS = List.of(10_000, 100_000, 1_000_000);

    private final Results results;

    public ScaleOnPaper(Results results) {
        this.results = results;
    }

    /** Two tables: what one costs, and what many do. */
    public String text() {
        Place idle = results.summary(IDLE, "resident-per-client").isPresent() ? IDLE : IDLE_COARSE;
        Optional<Double> memory = median(idle, "resident-per-client");
        Optional<Double> idleCpu =
                median(idle, "cpu").flatMap(percent -> median(idle, "clients").map(clients -> percent / 100 / clients));
        Optional<Double> setUp = median(SET_UPS, "server-cpu");
        Optional<Double> introduction = median(INTRODUCTIONS, "server-cpu");
        Optional<Double> relay = median(RELAY, "relay-cpu-per-gb");
        List<List<String>> costs = new ArrayList<>();
        costs.add(List.of("one", "costs the coordinator", "measured by"));
        costs.add(line("idle client, memory", memory, "KiB", idle, "resident-per-client"));
        costs.add(line(
                "idle client, processor", idleCpu.map(share -> share * 1e6), "µs a second", idle, "cpu / clients"));
        costs.add(line("connection set-up, processor", setUp, "ms", SET_UPS, "server-cpu"));
        costs.add(line("introduction, processor", introduction, "ms", INTRODUCTIONS, "server-cpu"));
        costs.add(line("relayed GB, 1 KiB messages, processor", relay, "s", RELAY, "relay-cpu-per-gb"));

        List<List<String>> scale = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("clients"));
        CLIENTS.forEach(clients -> header.add(Summary.number(clients)));
        scale.add(header);
        scale.add(row("memory, GiB", memory, (kib, clients) -> kib * clients / (1 << 20)));
        scale.add(row("idle, processors", idleCpu, (share, clients) -> share * clients));
        scale.add(row(
                "all handshakes after a restart, seconds of one processor",
                setUp,
                (ms, clients) -> ms / 1e3 * clients));
        scale.add(row(
                "one introduction a client and hour, processors",
                introduction,
                (ms, clients) -> ms / 1e3 * clients / 3600));
        scale.add(row("10 kbit/s relayed for each client, GB/s", relay, (seconds, clients) -> 1250.0 * clients / 1e9));
        scale.add(row("the same, processors", relay, (seconds, clients) -> 1250.0 * clients / 1e9 * seconds));
        return Tables.markdown(costs) + "\n" + Tables.markdown(scale);
    }

    /** What so many need, given the cost of one. */
    @FunctionalInterface
    private interface Need {
        double of(double one, double clients);
    }

    private Optional<Double> median(Place place, String metric) {
        return results.summary(place, metric).map(Summary::median);
    }

    private static List<String> line(String what, Optional<Double> cost, String unit, Place place, String metric) {
        return List.of(
                what,
                cost.map(value -> Summary.number(value) + " " + unit).orElse("not measured"),
                place.workload() + ", " + place.system() + ", " + metric);
    }

    private static List<String> row(String what, Optional<Double> one, Need need) {
        List<String> line = new ArrayList<>(List.of(what));
        CLIENTS.forEach(clients ->
                line.add(one.map(cost -> Summary.number(need.of(cost, clients))).orElse("not measured")));
        return line;
    }
}
