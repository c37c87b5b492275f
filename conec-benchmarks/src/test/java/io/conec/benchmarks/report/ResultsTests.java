package io.conec.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.benchmarks.report.Results.Place;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Medians and ratios over rounds. */
final class ResultsTests {
    private static final Place FIRST = new Place("w", "a", 64);
    private static final Place SECOND = new Place("w", "b", 64);

    private final List<Row> rows = new ArrayList<>();

    @Test
    void throwsTheFirstRoundAway() {
        measured("a", 0, 1_000, 0);
        measured("a", 1, 10, 0);
        measured("a", 2, 12, 0);
        measured("a", 3, 20, 0);

        assertThat(new Results(rows).summary(FIRST, "m")).contains(new Summary(12, 10, 20, 3, false));
    }

    @Test
    void leavesNoisyRoundsOutIfThereAreEnoughOthers() {
        measured("a", 1, 10, 0);
        measured("a", 2, 1, 0.5);
        measured("a", 3, 12, 0.01);

        assertThat(new Results(rows).summary(FIRST, "m")).contains(new Summary(11, 10, 12, 2, false));
    }

    @Test
    void saysSoIfMostRoundsWereNoisy() {
        measured("a", 1, 10, 0);
        measured("a", 2, 1, 0.5);
        measured("a", 3, 2, 0.6);

        assertThat(new Results(rows).summary(FIRST, "m")).contains(new Summary(2, 1, 10, 3, true));
    }

    @Test
    void takesRatiosFromTheSameRound() {
        measured("a", 1, 10, 0);
        measured("b", 1, 5, 0);
        measured("a", 2, 100, 0);
        measured("b", 2, 100, 0);
        measured("a", 3, 7, 0);

        assertThat(new Results(rows).ratio(FIRST, SECOND, "m")).contains(new Summary(1.5, 1, 2, 2, false));
    }

    @Test
    void hasNoRatioToWhatWasNotMeasured() {
        measured("a", 1, 10, 0);

        assertThat(new Results(rows).ratio(FIRST, SECOND, "m")).isEmpty();
    }

    @Test
    void readsWhatItWrote() {
        Row row = new Row("throughput", "conec-direct", 1024, "bytes", 123_456.75, "MB/s", 3);

        assertThat(Csv.parse(Csv.line(row)))
                .isEqualTo(new Row("throughput", "conec-direct", 1024, "bytes", 123_457, "MB/s", 3));
    }

    private void measured(String system, int round, double value, double foreign) {
        rows.add(new Row("w", system, 64, "m", value, "1/s", round));
        rows.add(new Row("w", system, 64, Row.FOREIGN_CPU, foreign, "processors", round));
    }
}
