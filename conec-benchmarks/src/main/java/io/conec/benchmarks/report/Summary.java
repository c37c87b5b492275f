package io.conec.benchmarks.report;

import java.util.List;
import java.util.Locale;

/**
 * Median and range over rounds.
 *
 * @param noisy whether too few rounds were free of other people's work, so that disturbed ones are among them
 */
public record Summary(double median, double least, double most, int rounds, boolean noisy) {
    /** @throws IllegalArgumentException if there are none */
    static Summary of(List<Double> values, boolean noisy) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no values");
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median = sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        return new Summary(median, sorted.get(0), sorted.get(sorted.size() - 1), sorted.size(), noisy);
    }

    /** Median with the range behind it; {@code ~} before what is noisy. */
    @Override
    public String toString() {
        String text = (noisy ? "~" : "") + number(median);
        return rounds == 1 ? text : text + " (" + number(least) + "-" + number(most) + ")";
    }

    /** Three significant digits, with a word for what is large. */
    static String number(double value) {
        double size = Math.abs(value);
        if (size >= 999_500) {
            return digits(value / 1e6) + " M";
        }
        if (size >= 9_995) {
            return digits(value / 1e3) + " k";
        }
        return digits(value);
    }

    private static String digits(double value) {
        double size = Math.abs(value);
        return String.format(
                Locale.ROOT, size >= 99.95 ? "%.0f" : size >= 9.995 ? "%.1f" : size >= 0.0995 ? "%.2f" : "%.3f", value);
    }
}
