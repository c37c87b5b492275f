package io.conec.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class GlobTests {
    @Property(tries = 5_000)
    void matchesWhatTheRegularExpressionDoes(@ForAll("texts") String pattern, @ForAll("texts") String text) {
        String regex =
                Arrays.stream(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));

        assertThat(new Glob(pattern).matches(text)).isEqualTo(Pattern.matches(regex, text));
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings().withChars('a', 'b', '*').ofMaxLength(10);
    }

    @Test
    void takesNoLongerForTextsMadeToTakeLong() {
        Glob glob = new Glob("*a".repeat(50) + "c");

        assertTimeoutPreemptively(
                Duration.ofSeconds(2),
                () -> assertThat(glob.matches("a".repeat(8_000))).isFalse());
    }
}
