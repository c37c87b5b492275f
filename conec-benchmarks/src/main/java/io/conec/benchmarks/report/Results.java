package io.conec.benchmarks.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleBiFunction;

/** All rows of a run, and what they say together. */
public final class Results {
    /**
     * Other people's programs, in processors, from which on a measurement is noisy. Runs disturbed by a compiler were off by a factor of six.
     */
    public static final double NOISE = 0.15;

    private final List<Row> rows;

    public Results(List<Row> rows) {
        this.rows = List.copyOf(rows);
    }

    public List<Row> rows() {
        return rows;
    }

    /** Where something was measured. */
    public record Place(String workload, String system, int size) {}

    /** What was measured there, over the rounds that count. */
    public Optional<Summary> summary(Place place, String metric) {
        Map<Integer, Double> values = values(place, metric);
        return summary(values, clean(place, values));
    }

    /** The first divided by the second, each taken from the same round. */
    public Optional<Summary> ratio(Place first, Place second, String metric) {
        Map<Integer, Double> ratios = combine(values(first, metric), values(second, metric), (a, b) -> a / b);
        List<Integer> clean = new ArrayList<>(clean(first, ratios));
        clean.retainAll(clean(second, ratios));
        return summary(ratios, clean);
    }

    private static Map<Integer, Double> combine(
            Map<Integer, Double> a, Map<Integer, Double> b, ToDoubleBiFunction<Double, Double> function) {
        Map<Integer, Double> combined = new LinkedHashMap<>();
        a.forEach((round, value) -> {
            Double other = b.get(round);
            if (other != null) {
                combined.put(round, function.applyAsDouble(value, other));
            }
        });
        return combined;
    }

    private static Optional<Summary> summary(Map<Integer, Double> values, List<Integer> clean) {
        if (values.isEmpty()) {
            return Optional.empty();
        }
        // With fewer than half of the rounds left, what is left says less than all.
        boolean enough = 2 * clean.size() >= values.size();
        return Optional.of(
                Summary.of(enough ? clean.stream().map(values::get).toList() : List.copyOf(values.values()), !enough));
    }

    private Map<Integer, Double> values(Place place, String metric) {
        Map<Integer, Double> values = new LinkedHashMap<>();
        for (Row row : rows) {
            if (row.round() > 0 && row.metric().equals(metric) && isAt(row, place)) {
                values.put(row.round(), row.value());
            }
        }
        return values;
    }

    private List<Integer> clean(Place place, Map<Integer, Double> values) {
        Map<Integer, Double> foreign = values(place, Row.FOREIGN_CPU);
        return values.keySet().stream()
                .filter(round -> foreign.getOrDefault(round, 0.0) <= NOISE)
                .toList();
    }

    private static boolean isAt(Row row, Place place) {
        return row.workload().equals(place.workload())
                && row.system().equals(place.system())
                && row.size() == place.size();
    }

    public List<String> workloads() {
        return rows.stream().map(Row::workload).distinct().toList();
    }

    public List<String> systems(String workload) {
        return rows.stream()
                .filter(row -> row.workload().equals(workload))
                .map(Row::system)
                .distinct()
                .toList();
    }

    public List<Integer> sizes(String workload) {
        return rows.stream()
                .filter(row -> row.workload().equals(workload))
                .map(Row::size)
                .distinct()
                .toList();
    }

    /** With their units, without those that tell of the circumstances. */
    public Map<String, String> metrics(String workload) {
        Map<String, String> metrics = new LinkedHashMap<>();
        rows.stream()
                .filter(row -> row.workload().equals(workload) && !row.isCircumstance())
                .forEach(row -> metrics.putIfAbsent(row.metric(), row.unit()));
        return metrics;
    }

    /** How many measured rounds were noisy, of how many. */
    public String noise() {
        List<Row> foreign = rows.stream()
                .filter(row -> row.round() > 0 && row.metric().equals(Row.FOREIGN_CPU))
                .toList();
        long noisy = foreign.stream().filter(row -> row.value() > NOISE).count();
        return noisy + " of " + foreign.size();
    }
}
