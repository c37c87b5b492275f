package io.conec.spring.support.micrometer;

import io.conec.ErrorCode;
import io.micrometer.common.KeyValue;
import java.util.Locale;

/** How it ended: {@code success}, or the error code. */
final class Outcomes {
    private static final String KEY = "outcome";
    private static final KeyValue SUCCESS = KeyValue.of(KEY, "success");

    private Outcomes() {}

    static KeyValue of(ErrorCode code) {
        return code == ErrorCode.NO_ERROR
                ? SUCCESS
                : KeyValue.of(KEY, code.name().toLowerCase(Locale.ROOT));
    }
}
