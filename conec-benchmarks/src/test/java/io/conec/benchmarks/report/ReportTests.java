package io.conec.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conec.benchmarks.report.Results.Place;
import java.io.StringReader;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

/** Tables, charts and targets. */
final class ReportTests {
    @Test
    void numbersHaveThreeDigits() {
        assertThat(List.of(0.0501, 0.5, 5.0, 55.54, 999.4, 9_994.0, 12_345.0, 4_950_000.0))
                .extracting(Summary::number)
                .containsExactly("0.050", "0.50", "5.00", "55.5", "999", "9994", "12.3 k", "4.95 M");
    }

    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        assertThat(Tables.markdown(List.of(List.of("a", "b"), List.of("longer", "1"))))
                .isEqualTo("| a      | b   |\n|--------|-----|\n| longer | 1   |\n");
    }

    @Test
    void targetsAreLowerOrUpperLimits() {
        Summary half = Summary.of(List.of(0.5), false);

        assertThat(Target.ratio("x", "w", 1, "m", "a", "b", ">=0.5").isReachedBy(half))
                .isTrue();
        assertThat(Target.ratio("x", "w", 1, "m", "a", "b", ">=0.51").isReachedBy(half))
                .isFalse();
        assertThat(Target.ratio("x", "w", 1, "m", "a", "b", "<=0.49").isReachedBy(half))
                .isFalse();
    }

    @Test
    void absoluteTargetsAreNotDivided() {
        Target target = Target.absolute("x", "w", 0, "m", "a", "<=56");
        Results results = new Results(List.of(new Row("w", "a", 0, "m", 40, "KiB", 1)));

        assertThat(target.first()).isEqualTo(new Place("w", "a", 0));
        assertThat(target.measured(results).orElseThrow().median()).isEqualTo(40);
    }

    @Test
    void tellsWhatRawQuicReaches() {
        Results results = new Results(List.of(
                new Row("w", "quic", 1, "m", 40, "MB/s", 1),
                new Row("w", "quic-forwarded", 1, "m", 20, "MB/s", 1),
                new Row("w", "nats", 1, "m", 80, "MB/s", 1)));

        assertThat(rawQuic(results, "conec-direct", "nats")).hasValue(0.5);
        assertThat(rawQuic(results, "conec-relayed", "nats")).hasValue(0.25);
        assertThat(rawQuic(results, "conec-relayed", "conec-direct")).hasValue(0.5);
        assertThat(rawQuic(results, "conec-direct", "quic")).isEmpty();
        assertThat(rawQuic(results, "conec-direct", "absent")).isEmpty();
    }

    private static Optional<Double> rawQuic(Results results, String conec, String other) {
        return Target.ratio("x", "w", 1, "m", conec, other, ">=1")
                .ofRawQuic(results)
                .map(Summary::median);
    }

    @Test
    void chartsAreXmlWithABarForEachSystem() throws Exception {
        String svg = BarChart.svg(
                "A & B <C>",
                "MB/s",
                List.of(
                        new BarChart.Bar("one", Summary.of(List.of(1.0, 2.0), false), true),
                        new BarChart.Bar("two", Summary.of(List.of(3.0), true), false)));

        Document document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
        assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(3);
        assertThat(document.getElementsByTagName("path").getLength()).isEqualTo(1);
        assertThat(svg).contains("~3.00");
    }

    @Test
    void onlyTheNamedPartOfADocumentIsReplaced() {
        String document = "before\n<!-- generated: x -->\nold\n<!-- end of x -->\nafter\n";

        assertThat(GeneratedParts.replace(document, "x", "new"))
                .isEqualTo("before\n<!-- generated: x -->\n\nnew\n\n<!-- end of x -->\nafter\n");
        assertThatThrownBy(() -> GeneratedParts.replace(document, "y", "new"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"y\"");
    }
}
