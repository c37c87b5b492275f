package io.conec.spring.boot.autoconfigure.listener;

import io.conec.spring.annotation.InvalidListenerMethodException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Explains an {@link InvalidListenerMethodException}. */
final class InvalidListenerMethodFailureAnalyzer extends AbstractFailureAnalyzer<InvalidListenerMethodException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InvalidListenerMethodException cause) {
        return new FailureAnalysis(
                cause.getMessage() + ".",
                "Correct the method or its annotation. The documentation of @ConecChannelListener lists the signatures.",
                cause);
    }
}
