package io.conec.spring.boot.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Explains an {@link InvalidConecPropertyException}. */
final class InvalidConecPropertyFailureAnalyzer extends AbstractFailureAnalyzer<InvalidConecPropertyException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InvalidConecPropertyException cause) {
        return new FailureAnalysis(cause.getMessage() + ".", cause.action(), cause);
    }
}
