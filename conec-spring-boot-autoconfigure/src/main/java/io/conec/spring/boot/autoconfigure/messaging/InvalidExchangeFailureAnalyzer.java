package io.conec.spring.boot.autoconfigure.messaging;

import io.conec.spring.service.InvalidExchangeException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Explains an {@link InvalidExchangeException}. */
final class InvalidExchangeFailureAnalyzer extends AbstractFailureAnalyzer<InvalidExchangeException> {
    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InvalidExchangeException cause) {
        return new FailureAnalysis(
                cause.getMessage() + ".",
                "Correct the interface. The documentation of @ConecExchange lists arguments and results.",
                cause);
    }
}
