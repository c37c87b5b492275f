package io.conec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ClientIdTests {
    private static final String LABEL_63 = "a".repeat(63);

    static Stream<String> longest() {
        return Stream.of(
                LABEL_63, String.join(".", LABEL_63, LABEL_63, LABEL_63, "a".repeat(61)), "a.".repeat(126) + "a");
    }

    static Stream<String> tooLong() {
        return Stream.of(
                LABEL_63 + "a",
                "x." + LABEL_63 + "a.x",
                String.join(".", LABEL_63, LABEL_63, LABEL_63, "a".repeat(62)),
                "a.".repeat(126) + "aa",
                "a".repeat(100_000),
                "a.".repeat(100_000));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "0", "a1", "alice", "alice-2", "a--b", "xn--bcher-kva", "sensor-7.hall-2.example.com", "0.0"
            })
    @MethodSource("longest")
    void takesLabelsJoinedByDots(String value) {
        assertThat(new ClientId(value)).hasToString(value);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                ".",
                "-",
                "a.",
                ".a",
                "a..b",
                "-a",
                "a-",
                "a.-b",
                "a-.b",
                "Alice",
                "a_b",
                "a b",
                " a",
                "a ",
                "a\n",
                "\na",
                "a\u0000",
                "a\tb",
                "a/b",
                "a*",
                "*.example.com",
                "a:b",
                "b\u00fccher",
                "\u0430lice",
                "a\u200b",
                "\uff41",
                "\u0661",
                "\ud83d\ude00",
                "\ud800"
            })
    @MethodSource("tooLong")
    void refusesEverythingElse(String value) {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(() -> new ClientId(value))
                .matches(e -> e.code() == ErrorCode.INVALID_ID)
                .satisfies(e -> assertThat(e.getMessage()).matches("[ -~]{1,400}"));
    }

    @Property
    void takesAnySequenceOfGoodLabels(@ForAll("labels") List<String> labels) {
        String value = String.join(".", labels);

        assertThat(new ClientId(value).value()).isEqualTo(value);
    }

    /** The rule once more, written down differently. */
    @Property(tries = 5_000)
    void theFormIsTheRule(@ForAll("nearIds") String text) {
        boolean good = text.length() <= ClientId.MAX_LENGTH
                && Stream.of(text.split("\\.", -1))
                        .allMatch(label -> !label.isEmpty()
                                && label.length() <= 63
                                && !label.startsWith("-")
                                && !label.endsWith("-")
                                && label.chars()
                                        .allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'));

        assertThat(isAccepted(text)).isEqualTo(good);
    }

    @Property
    void anEscapedTextIsShortPrintableAscii(@ForAll String text) {
        assertThat(ClientId.escape(text)).matches("[ -~]*").hasSizeLessThanOrEqualTo(64 * 6 + 3);
    }

    @Test
    void escapesWhatCouldForgeALogLine() {
        assertThat(ClientId.escape("a\n\"b\"\\\u00e9\u007f\u001b[31m"))
                .isEqualTo("a\\u000a\\u0022b\\u0022\\u005c\\u00e9\\u007f\\u001b[31m");
        assertThat(ClientId.escape("x".repeat(64))).isEqualTo("x".repeat(64));
        assertThat(ClientId.escape("x".repeat(65))).isEqualTo("x".repeat(64) + "...");
    }

    @Test
    void idsAreOrderedByTheirText() {
        assertThat(Stream.of("b", "a.b", "a", "a-b").map(ClientId::new).sorted().map(ClientId::value))
                .containsExactly("a", "a-b", "a.b", "b");
    }

    @Provide
    Arbitrary<List<String>> labels() {
        Arbitrary<String> end = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withCharRange('0', '9')
                .ofLength(1);
        Arbitrary<String> middle = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withCharRange('0', '9')
                .withChars('-')
                .ofMaxLength(40);
        Arbitrary<String> label =
                Combinators.combine(end, middle, end).as((first, between, last) -> first + between + last);
        return label.list().ofMinSize(1).ofMaxSize(6);
    }

    @Provide
    Arbitrary<String> nearIds() {
        return Arbitraries.strings()
                .withChars('a', 'z', '0', '-', '.', 'A', ' ')
                .ofMaxLength(270);
    }

    private static boolean isAccepted(String text) {
        try {
            return new ClientId(text).value().equals(text);
        } catch (ConecException e) {
            return false;
        }
    }
}
