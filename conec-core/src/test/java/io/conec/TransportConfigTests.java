package io.conec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TransportConfigTests {
    private static final Duration TICK = Duration.ofNanos(1);

    @ParameterizedTest
    @CsvSource({
        "initialWindowPackets,  2,     1000",
        "maxMessageBytes,       1,     1073741824",
        "maxHeaderBytes,        64,    61440",
        "maxStreams,            1,     1000000",
        "receiveBufferBytes,    1,     1073741824",
        "sendBufferBytes,       1,     1073741824",
        "connectionWindowBytes, 16384, 1073741824",
        "streamWindowBytes,     16384, 1073741824",
        "socketBufferBytes,     65536, 1073741824",
    })
    void aSizeHasALeastAndAMost(String setting, int least, int most) throws Exception {
        assertThat(with(setting, least)).isEqualTo(least);
        assertThat(with(setting, most)).isEqualTo(most);
        assertRefused(setting, () -> with(setting, least - 1));
        assertRefused(setting, () -> with(setting, most + 1));
        assertRefused(setting, () -> with(setting, -1));
    }

    @Test
    void theIdleTimeoutIsAtLeastOneSecond() {
        TransportConfig.Builder builder = TransportConfig.builder().keepAliveInterval(Duration.ofMillis(100));

        assertThat(builder.idleTimeout(Duration.ofSeconds(1)).build().idleTimeout())
                .isEqualTo(Duration.ofSeconds(1));
        assertRefused(
                "idleTimeout", () -> builder.idleTimeout(Duration.ofMillis(999)).build());
        assertRefused("idleTimeout", () -> builder.idleTimeout(Duration.ZERO).build());
    }

    @Test
    void keepAlivesComeBeforeTheIdleTimeout() {
        Duration idle = TransportConfig.DEFAULTS.idleTimeout();

        assertThat(TransportConfig.builder()
                        .keepAliveInterval(idle.minus(TICK))
                        .build()
                        .keepAliveInterval())
                .isEqualTo(idle.minus(TICK));
        assertRefused(
                "keepAliveInterval",
                () -> TransportConfig.builder().keepAliveInterval(idle).build());
    }

    @ParameterizedTest
    @CsvSource({"PT0S", "PT-1S"})
    void timesArePositive(Duration time) {
        assertRefused(
                "keepAliveInterval",
                () -> TransportConfig.builder().keepAliveInterval(time).build());
        assertRefused(
                "handshakeTimeout",
                () -> TransportConfig.builder().handshakeTimeout(time).build());
        assertRefused(
                "requestTimeout",
                () -> TransportConfig.builder().requestTimeout(time).build());
    }

    @Test
    void aStreamsWindowFitsIntoTheConnections() {
        TransportConfig.Builder builder = TransportConfig.builder().connectionWindowBytes(100_000);

        assertThatCode(() -> builder.streamWindowBytes(100_000).build()).doesNotThrowAnyException();
        assertRefused(
                "connectionWindowBytes",
                () -> builder.streamWindowBytes(100_001).build());
    }

    @Test
    void theBuilderKeepsWhatIsNotChanged() {
        TransportConfig changed = TransportConfig.DEFAULTS.toBuilder()
                .congestionControl(CongestionControl.BBR)
                .nativeTransport(false)
                .maxStreams(7)
                .build();

        assertThat(TransportConfig.builder().build()).isEqualTo(TransportConfig.DEFAULTS);
        assertThat(changed.toBuilder().build()).isEqualTo(changed).isNotEqualTo(TransportConfig.DEFAULTS);
        assertThat(changed.toBuilder()
                        .congestionControl(TransportConfig.DEFAULTS.congestionControl())
                        .nativeTransport(true)
                        .maxStreams(TransportConfig.DEFAULTS.maxStreams())
                        .build())
                .isEqualTo(TransportConfig.DEFAULTS);
    }

    /** Both windows are set, so that a stream's is not refused for being larger than the connection's. */
    private static Object with(String setting, int value) throws Exception {
        TransportConfig.Builder builder =
                TransportConfig.builder().connectionWindowBytes(1 << 30).streamWindowBytes(16 * 1024);
        Method set = Arrays.stream(TransportConfig.Builder.class.getMethods())
                .filter(method -> method.getName().equals(setting))
                .findAny()
                .orElseThrow();
        set.invoke(builder, value);
        TransportConfig config = builder.build();
        return TransportConfig.class.getMethod(setting).invoke(config);
    }

    private static void assertRefused(String setting, ThrowingCallable build) {
        assertThatExceptionOfType(ConecException.class)
                .isThrownBy(build)
                .matches(e -> e.code() == ErrorCode.INVALID_CONFIGURATION)
                .withMessageStartingWith(setting + " has to be ");
    }
}
