package io.conec.benchmarks.report;

import io.conec.benchmarks.report.Results.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The results as Markdown, which is also what a terminal shows. */
public final class Tables {
    private final Results results;
    private final UnaryOperator<String> systemTitle;

    /** @param systemTitle what a system of that id is called */
    public Tables(Results results, UnaryOperator<String> systemTitle) {
        this.results = results;
        this.systemTitle = systemTitle;
    }

    /** What the project wants to reach, and whether it does. */
    public String targets(boolean alsoUnmeasured) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(List.of("what", "target", "measured", "reached", "raw Netty QUIC there"));
        for (Target target : Target.ALL) {
            Optional<Summary> measured = target.measured(results);
            if (measured.isEmpty() && !alsoUnmeasured) {
                continue;
            }
            lines.add(List.of(
                    target.what(),
                    target.limitText(),
                    measured.map(Summary::toString).orElse("not measured"),
                    measured.map(summary -> target.isReachedBy(summary) ? "yes" : "**no**")
                            .orElse(""),
                    target.ofRawQuic(results).map(Summary::toString).orElse("")));
        }
        return markdown(lines);
    }

    /** All metrics of a workload, a table for each size. */
    public String workload(String workload) {
        StringBuilder text = new StringBuilder();
        Map<String, String> metrics = results.metrics(workload);
        for (int size : results.sizes(workload)) {
            List<List<String>> lines = new ArrayList<>();
            List<String> header = new ArrayList<>(List.of(size == 0 ? "" : size(size)));
            metrics.forEach((metric, unit) -> header.add(metric + ", " + unit));
            lines.add(header);
            for (String system : results.systems(workload)) {
                List<String> line = new ArrayList<>(List.of(systemTitle.apply(system)));
                for (String metric : metrics.keySet()) {
                    line.add(results.summary(new Place(workload, system, size), metric)
                            .map(Summary::toString)
                            .orElse(metric.equals("errors") ? "0" : "missing"));
                }
                lines.add(line);
            }
            text.append(markdown(lines)).append('\n');
        }
        return text.toString();
    }

    /** The first metric of a workload: conec's systems divided by all others, in the same round. */
    public String ratios(String workload) {
        String metric = results.metrics(workload).keySet().iterator().next();
        StringBuilder text = new StringBuilder();
        for (int size : results.sizes(workload)) {
            List<String> systems = results.systems(workload);
            List<List<String>> lines = new ArrayList<>();
            List<String> header =
                    new ArrayList<>(List.of(metric + (size == 0 ? "" : ", " + size(size)) + ": ratio of"));
            systems.forEach(system -> header.add("to " + system));
            lines.add(header);
            for (String system : systems) {
                if (system.startsWith("conec")) {
                    List<String> line = new ArrayList<>(List.of(system));
                    for (String other : systems) {
                        line.add(
                                system.equals(other)
                                        ? ""
                                        : results.ratio(
                                                        new Place(workload, system, size),
                                                        new Place(workload, other, size),
                                                        metric)
                                                .map(Summary::toString)
                                                .orElse("missing"));
                    }
                    lines.add(line);
                }
            }
            if (lines.size() > 1 && systems.size() > 1) {
                text.append(markdown(lines)).append('\n');
            }
        }
        return text.toString();
    }

    static String size(int bytes) {
        return bytes >= 1024 ? bytes / 1024 + " KiB" : bytes + " B";
    }

    /** The first line is the header. Columns are padded, for reading without a renderer. */
    static String markdown(List<List<String>> lines) {
        List<Integer> widths = new ArrayList<>();
        for (int i = 0; i < lines.get(0).size(); i++) {
            int column = i;
            widths.add(Math.max(
                    3,
                    lines.stream()
                            .mapToInt(line -> line.get(column).length())
                            .max()
                            .orElse(0)));
        }
        StringBuilder text = new StringBuilder();
        append(text, lines.get(0), widths);
        text.append('|');
        widths.forEach(width -> text.append("-".repeat(width + 2)).append('|'));
        text.append('\n');
        lines.subList(1, lines.size()).forEach(line -> append(text, line, widths));
        return text.toString();
    }

    private static void append(StringBuilder text, List<String> line, List<Integer> widths) {
        text.append('|');
        for (int i = 0; i < line.size(); i++) {
            text.append(' ')
                    .append(line.get(i))
                    .append(" ".repeat(widths.get(i) - line.get(i).length()))
                    .append(" |");
        }
        text.append('\n');
    }
}
