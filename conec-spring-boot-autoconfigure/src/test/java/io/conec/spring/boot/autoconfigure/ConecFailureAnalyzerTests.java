package io.conec.spring.boot.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import io.conec.ConecException;
import io.conec.ErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;
import org.springframework.mock.env.MockEnvironment;

final class ConecFailureAnalyzerTests {
    private final ConecFailureAnalyzer analyzer = new ConecFailureAnalyzer();

    @ParameterizedTest
    @CsvSource({
        "BIND_FAILED, conec.coordinator.port",
        "CERTIFICATE_NAME_MISMATCH, conec.client.coordinator.host",
        "CERTIFICATE_NOT_TRUSTED, conec.client.coordinator.certificate-fingerprint",
        "CERTIFICATE_EXPIRED, Renew",
        "ID_IN_USE, conec.client.id",
        "CONNECT_FAILED, conec.client.fail-fast=false",
        "TIMEOUT, conec.client.coordinator.host",
        "INVALID_CONFIGURATION, conec"
    })
    void saysWhatToDo(ErrorCode code, String action) {
        FailureAnalysis analysis =
                analyzer.analyze(new IllegalStateException(new ConecException(code, "this is what happened")));
        assertThat(analysis).isNotNull();
        assertThat(analysis.getDescription()).contains(code.name()).contains("this is what happened");
        assertThat(analysis.getAction()).contains(action);
    }

    @Test
    void namesAPlatformWithoutQuic() {
        FailureAnalysis analysis = analyzer.analyze(new ConecException(ErrorCode.UNSUPPORTED_PLATFORM, "no library"));
        assertThat(analysis).isNotNull();
        assertThat(analysis.getAction()).contains(System.getProperty("os.name"), System.getProperty("os.arch"));
    }

    @Test
    void leavesOtherErrorsToTheGeneralReport() {
        assertThat(analyzer.analyze(new ConecException(ErrorCode.STREAM_CLOSED, "closed")))
                .isNull();
    }

    @Test
    void isFoundBySpringBoot() {
        assertThat(SpringFactoriesLoader.forDefaultResourceLocation()
                        .load(
                                FailureAnalyzer.class,
                                ArgumentResolver.of(Environment.class, new MockEnvironment()),
                                // Of analyzers of others, some need what is not here.
                                FailureHandler.handleMessage((message, failure) ->
                                        assertThat(message.get()).doesNotContain("io.conec"))))
                .hasAtLeastOneElementOfType(ConecFailureAnalyzer.class)
                .hasAtLeastOneElementOfType(InvalidConecPropertyFailureAnalyzer.class)
                .hasAtLeastOneElementOfType(MissingConecBeanFailureAnalyzer.class);
    }
}
