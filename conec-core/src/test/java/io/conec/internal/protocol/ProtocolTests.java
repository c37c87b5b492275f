package io.conec.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ErrorCode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NumericChars;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ProtocolTests {
    private static final String EMOJI = "\ud83d\ude00";

    @Property
    void aReasonThatFitsALogIsItsOwnBeginning(@ForAll @AlphaChars @NumericChars String text) {
        String reason = Protocol.reason(text);

        assertThat(text).startsWith(reason);
        assertThat(reason).hasSize(Math.min(text.length(), Protocol.MAX_REASON));
    }

    @Property
    void aReasonFitsALogWhateverItWasMadeFrom(@ForAll String text) {
        String reason = Protocol.reason(text);

        assertThat(reason.length()).isLessThanOrEqualTo(Protocol.MAX_REASON);
        assertThat(reason.length()).isGreaterThanOrEqualTo(Math.min(text.length(), Protocol.MAX_REASON - 1));
        assertThat(reason).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");
        assertThat(Protocol.reason(reason)).isEqualTo(reason);
    }

    @Test
    void aReasonShowsWhatItCannotSay() {
        assertThat(Protocol.reason("a\nb\u202ec")).isEqualTo("a\\u000ab\\u202ec");
        assertThat(Protocol.reason("größer " + EMOJI)).isEqualTo("größer " + EMOJI);
    }

    /** Half a character cannot be written as UTF-8. */
    @Test
    void aReasonIsNotCutInTheMiddleOfACharacter() {
        String text = "x".repeat(Protocol.MAX_REASON - 1) + EMOJI;

        assertThat(Protocol.reason(text)).isEqualTo("x".repeat(Protocol.MAX_REASON - 1));
        assertThat(Protocol.reason(text.substring(1))).isEqualTo(text.substring(1));
    }

    @ParameterizedTest
    @EnumSource
    void everyErrorCodeComesBack(ErrorCode code) {
        assertThat(Protocol.errorCode(code.code())).isEqualTo(code);
    }

    @Property
    void aCodeOfALaterVersionIsAnInternalError(@ForAll @LongRange(min = 0x49) long code) {
        assertThat(Protocol.errorCode(code)).isEqualTo(ErrorCode.INTERNAL_ERROR);
    }

    /** The codes are in fields of 32 bits, and negative numbers are what large ones look like in Java. */
    @Test
    void aNegativeCodeIsAnInternalError() {
        assertThat(Protocol.errorCode(-1)).isEqualTo(ErrorCode.INTERNAL_ERROR);
    }

    @Test
    void theHelloSaysWhatThisIs() {
        Version version = Protocol.version();

        assertThat(version.getMinor()).isEqualTo(Protocol.MINOR_VERSION);
        assertThat(version.getFeaturesList()).isEmpty();
        assertThat(version.getSoftware()).isNotBlank().hasSizeLessThanOrEqualTo(64);
    }
}
