package io.conec.benchmarks.report;

import io.conec.benchmarks.report.Results.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** The charts of the document. */
public final class Charts {
    /** What one of them shows. */
    private record Chart(String name, String title, String workload, int size, String metric, String unit) {}

    private static final List<Chart> ALL = List.of(
            new Chart("throughput-64", "One way, 64 B messages", "throughput", 64, "messages", "messages a second"),
            new Chart("throughput-1024", "One way, 1 KiB messages", "throughput", 1024, "bytes", "MB/s"),
            new Chart("throughput-65536", "One way, 64 KiB messages", "throughput", 65_536, "bytes", "MB/s"),
            new Chart(
                    "ping-pong-p50", "Ping-pong 64 B, closed loop, p50", "ping-pong", 64, "closed-p50", "microseconds"),
            new Chart(
                    "ping-pong-p99", "Ping-pong 64 B, closed loop, p99", "ping-pong", 64, "closed-p99", "microseconds"),
            new Chart("requests", "Requests, 64 in flight", "requests", 64, "requests", "a second"),
            new Chart("group-16", "Group of 16, 1 KiB", "group-16", 1024, "deliveries", "deliveries a second"),
            new Chart("group-100", "Group of 100, 1 KiB", "group-100", 1024, "deliveries", "deliveries a second"),
            new Chart(
                    "loss-streams",
                    "20 streams, 1 KiB, 1 % loss, 50 ms, p99",
                    "loss-streams",
                    1024,
                    "open-p99",
                    "microseconds"),
            new Chart("loss-1", "One stream, 1 % loss, 50 ms", "loss-1", 65_536, "bytes", "MB/s"),
            new Chart(
                    "idle-5000",
                    "An idle client at the server, of 5,000",
                    "idle-5000",
                    0,
                    "resident-per-client",
                    "KiB"),
            new Chart("set-ups", "Connections set up, 64 at a time", "set-ups", 0, "set-ups", "a second"));

    private final Results results;
    private final UnaryOperator<String> systemTitle;

    public Charts(Results results, UnaryOperator<String> systemTitle) {
        this.results = results;
        this.systemTitle = systemTitle;
    }

    /**
     * Writes what was measured.
     *
     * @return Markdown that shows them
     * @param link the directory as the document sees it
     */
    public String write(Path directory, String link) throws IOException {
        Files.createDirectories(directory);
        StringBuilder text = new StringBuilder();
        for (Chart chart : ALL) {
            List<BarChart.Bar> bars = bars(chart);
            if (!bars.isEmpty()) {
                Files.writeString(directory.resolve(chart.name + ".svg"), BarChart.svg(chart.title, chart.unit, bars));
                text.append("![%s](%s/%s.svg)%n".formatted(chart.title, link, chart.name))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private List<BarChart.Bar> bars(Chart chart) {
        List<BarChart.Bar> bars = new ArrayList<>();
        for (String system : results.systems(chart.workload)) {
            results.summary(new Place(chart.workload, system, chart.size), chart.metric)
                    .ifPresent(summary ->
                            bars.add(new BarChart.Bar(systemTitle.apply(system), summary, system.startsWith("conec"))));
        }
        return bars;
    }
}
