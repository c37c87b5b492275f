package io.conec.sample.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ProgressBarTests {
    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(shown, true, StandardCharsets.UTF_8);

    @Test
    void isALineForEveryTenthWithoutATerminal() {
        ProgressBar bar = new ProgressBar(out, false, "a.bin", 1000);
        for (int i = 0; i < 1000; i++) {
            bar.advance(1);
        }
        bar.complete();
        assertThat(lines()).hasSize(10).allMatch(line -> line.startsWith("a.bin ") && line.endsWith(" MB/s"));
        assertThat(lines()[4]).startsWith("a.bin  50 % of 0.0 MB, ");
        assertThat(lines()[9]).startsWith("a.bin 100 %");
    }

    @Test
    void redrawsItselfOnATerminal() {
        ProgressBar bar = new ProgressBar(out, true, "a.bin", 3_000_000);
        bar.advance(1_500_000);
        bar.complete();
        assertThat(shown.toString(StandardCharsets.UTF_8))
                .contains("\r[###############               ] a.bin  50 % of 3.0 MB, ")
                .contains("\r[##############################] a.bin 100 % of 3.0 MB, ")
                .endsWith("MB/s\n");
    }

    @Test
    void isCompleteOnlyWhenTheOtherSideSaidSo() {
        ProgressBar bar = new ProgressBar(out, false, "a.bin", 10);
        bar.advance(10);
        assertThat(lines()).hasSize(1).allMatch(line -> line.startsWith("a.bin  99 %"));
        bar.complete();
        bar.advance(1);
        assertThat(lines()).hasSize(2);
    }

    @Test
    void anEmptyFileIsCompleteAtOnce() {
        ProgressBar bar = new ProgressBar(out, false, "empty", 0);
        bar.complete();
        assertThat(lines()).hasSize(1).allMatch(line -> line.startsWith("empty 100 % of 0.0 MB, 0.0 MB/s"));
    }

    private String[] lines() {
        return shown.toString(StandardCharsets.UTF_8).split("\\R");
    }
}
