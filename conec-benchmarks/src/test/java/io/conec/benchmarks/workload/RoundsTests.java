package io.conec.benchmarks.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.benchmarks.report.Row;
import io.conec.benchmarks.system.BenchSystem;
import io.conec.benchmarks.system.BenchSystem.Ability;
import io.conec.benchmarks.system.Systems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who is measured when, before and in the rounds that count. Nothing is started for it. */
final class RoundsTests {
    private static final BenchSystem FIRST = Systems.with(Ability.CONNECTIONS).get(0);
    private static final BenchSystem SECOND = Systems.with(Ability.CONNECTIONS).get(1);

    private final List<String> measured = new ArrayList<>();
    private final List<String> closed = new ArrayList<>();
    private final Rounds rounds = new Rounds(new RunSettings(true, 2, Path.of("unused"), List.of()));
    private String failing = "";

    @Test
    void everySystemHasItsTurnBeforeAnotherHasTheNext() throws InterruptedException {
        rounds.run(new Pretended(), List.of(FIRST, SECOND), List.of(64));

        // First they warm up, and one may have done before the other.
        assertThat(measured).hasSizeGreaterThan(4 + 6).startsWith(turns(2)).endsWith(turns(3));
        assertThat(recorded(FIRST)).containsExactly(0, 1, 2);
        assertThat(recorded(SECOND)).containsExactly(0, 1, 2);
        assertThat(rounds.missing()).isEmpty();
    }

    @Test
    void theOthersGoOnWithoutOneThatFailsWhileItWarmsUp() throws InterruptedException {
        failing = FIRST.id();

        rounds.run(new Pretended(), List.of(FIRST, SECOND), List.of(64));

        assertThat(recorded(FIRST)).isEmpty();
        assertThat(recorded(SECOND)).containsExactly(0, 1, 2);
        assertThat(rounds.missing()).singleElement().asString().contains(FIRST.id(), "warms up", "on purpose");
        assertThat(closed).containsExactly(FIRST.id(), SECOND.id());
    }

    private static String[] turns(int ofEach) {
        return Stream.generate(() -> List.of(FIRST.id(), SECOND.id()))
                .limit(ofEach)
                .flatMap(List::stream)
                .toArray(String[]::new);
    }

    private List<Integer> recorded(BenchSystem system) {
        return rounds.rows().stream()
                .filter(row -> row.system().equals(system.id()) && row.metric().equals("rate"))
                .map(Row::round)
                .toList();
    }

    private final class Pretended implements Workload {
        @Override
        public String id() {
            return "pretended";
        }

        @Override
        public String title() {
            return "Nothing at all";
        }

        @Override
        public List<BenchSystem> systems() {
            return List.of(FIRST, SECOND);
        }

        @Override
        public List<Integer> sizes() {
            return List.of(64);
        }

        @Override
        public Trial start(BenchSystem system, RunSettings settings) {
            return new Trial() {
                @Override
                public List<Figure> measure(int size) throws InterruptedException {
                    if (system.id().equals(failing)) {
                        throw new IllegalStateException("on purpose");
                    }
                    measured.add(system.id());
                    TimeUnit.MILLISECONDS.sleep(100);
                    return List.of(new Figure("rate", 1, "1/s"));
                }

                @Override
                public void close() {
                    closed.add(system.id());
                }
            };
        }
    }
}
