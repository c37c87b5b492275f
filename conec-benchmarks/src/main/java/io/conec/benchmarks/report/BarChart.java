package io.conec.benchmarks.report;

import java.util.List;
import java.util.Locale;

/** Horizontal bars with the range over the rounds, as SVG that needs nothing else and is readable on light and dark ground. */
final class BarChart {
    private static final int WIDTH = 760;
    private static final int LABELS = 250;
    private static final int VALUES = 110;
    private static final int ROW = 26;
    private static final int BAR = 16;
    private static final int TOP = 44;
    private static final String OWN = "#2f6fde";
    private static final String OTHERS = "#8a94a6";
    private static final String LINES = "#d1553c";

    /**
     * One bar.
     *
     * @param own whether it is conec's
     */
    record Bar(String label, Summary summary, boolean own) {}

    private BarChart() {}

    static String svg(String title, String unit, List<Bar> bars) {
        double most =
                bars.stream().mapToDouble(bar -> bar.summary().most()).max().orElse(1);
        double scale = (WIDTH - LABELS - VALUES) / (most > 0 ? most : 1);
        int height = TOP + bars.size() * ROW + 10;
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                        + " font-family=\"sans-serif\" font-size=\"13\" role=\"img\" aria-label=\"%s\">%n",
                WIDTH,
                height,
                WIDTH,
                height,
                escaped(title)));
        svg.append(String.format(Locale.ROOT, "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n"));
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"10\" y=\"24\" font-size=\"15\" font-weight=\"bold\" fill=\"#1b1f27\">%s</text>%n",
                escaped(title + (unit.isEmpty() ? "" : ", " + unit))));
        for (int i = 0; i < bars.size(); i++) {
            append(svg, bars.get(i), TOP + i * ROW, scale);
        }
        return svg.append("</svg>\n").toString();
    }

    private static void append(StringBuilder svg, Bar bar, int y, double scale) {
        Summary summary = bar.summary();
        double end = LABELS + summary.median() * scale;
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#1b1f27\">%s</text>%n",
                LABELS - 8,
                y + 13,
                escaped(bar.label())));
        svg.append(String.format(
                Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                LABELS,
                y,
                Math.max(0.5, summary.median() * scale),
                BAR,
                bar.own() ? OWN : OTHERS));
        if (summary.rounds() > 1) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<path d=\"M%.1f %d H%.1f\" stroke=\"%s\" stroke-width=\"2\"/>%n",
                    LABELS + summary.least() * scale,
                    y + BAR / 2,
                    LABELS + summary.most() * scale,
                    LINES));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%d\" fill=\"#1b1f27\">%s</text>%n",
                Math.max(end, LABELS + summary.most() * scale) + 6,
                y + 13,
                (summary.noisy() ? "~" : "") + Summary.number(summary.median())));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }
}
