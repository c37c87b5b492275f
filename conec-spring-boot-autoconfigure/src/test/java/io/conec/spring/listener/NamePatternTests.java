package io.conec.spring.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NamePatternTests {
    @ParameterizedTest
    @CsvSource({"a,a", "*,a", "a*,a", "a*,abc", "*c,abc", "a*c,abc", "**,x", "sensor-*,sensor-1"})
    void matchesExactNamesAndAsterisks(String pattern, String name) {
        assertThat(new NamePattern(pattern).matches(name)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"a,b", "a*,ba", "sensor-*,sensors", "a*c,ab", "a?c,abc"})
    void doesNotMatchOthers(String pattern, String name) {
        assertThat(new NamePattern(pattern).matches(name)).isFalse();
    }

    @Test
    void anAsteriskInANameStandsForItself() {
        assertThat(new NamePattern("a*c").matches("a*c")).isTrue();
        assertThat(new NamePattern("a*c*e").matches("a*")).isFalse();
        assertThat(new NamePattern("abc").matches("a*")).isFalse();
    }

    /** Names are looked at on the network thread, and up to 8 KiB long. */
    @Test
    void takesNoLongerForNamesMadeToTakeLong() {
        NamePattern pattern = new NamePattern("*a*a*a*a*b");
        String name = "a".repeat(8_000);
        assertTimeoutPreemptively(
                Duration.ofSeconds(2), () -> assertThat(pattern.matches(name)).isFalse());
    }

    @ParameterizedTest
    @CsvSource({"a,a", "*,*", "*,a", "a*,*b", "a*b,*x*", "a*,ab*", "ab,a*b", "a*b*c,*abc*", "***,a"})
    void overlapsWhereANameMatchesBoth(String one, String other) {
        assertThat(new NamePattern(one).overlaps(new NamePattern(other))).isTrue();
        assertThat(new NamePattern(other).overlaps(new NamePattern(one))).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"a,b", "a*,b*", "*a,*b", "a,ab", "ab*,a", "a*b,a*c", "abc,a*d", "*x,y"})
    void doesNotOverlapWhereNoNameMatchesBoth(String one, String other) {
        assertThat(new NamePattern(one).overlaps(new NamePattern(other))).isFalse();
        assertThat(new NamePattern(other).overlaps(new NamePattern(one))).isFalse();
    }

    @Test
    void isNotEmpty() {
        assertThatIllegalArgumentException().isThrownBy(() -> new NamePattern(""));
    }
}
