package io.conec.spring.boot.autoconfigure;

import io.conec.ConecParty;
import io.conec.client.ConecClient;
import io.conec.coordinator.ConecCoordinator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/** Explains a bean of conec that is not there: as a rule {@code conec.mode} is missing, or the other one. */
final class MissingConecBeanFailureAnalyzer extends AbstractFailureAnalyzer<NoSuchBeanDefinitionException>
        implements Ordered {
    private static final String MODE = "conec.mode";

    private final Environment environment;

    MissingConecBeanFailureAnalyzer(Environment environment) {
        this.environment = environment;
    }

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable rootFailure, NoSuchBeanDefinitionException cause) {
        Class<?> type = cause.getResolvableType() == null
                ? null
                : cause.getResolvableType().resolve();
        if (type == null || !type.getName().startsWith("io.conec.") || cause.getNumberOfBeansFound() > 0) {
            return null;
        }
        String mode = environment.getProperty(MODE);
        if (!StringUtils.hasText(mode)) {
            return new FailureAnalysis(
                    "The application wants a " + type.getSimpleName() + ", but " + MODE
                            + " is not set, so there is nothing of conec.",
                    "Set " + MODE
                            + " to \"client\", or to \"coordinator\" in the application that the clients connect to.",
                    cause);
        }
        String needed = type == ConecClient.class ? "client" : type == ConecCoordinator.class ? "coordinator" : "";
        if (needed.isEmpty() || needed.equals(mode.toLowerCase(Locale.ROOT))) {
            return null;
        }
        return new FailureAnalysis(
                "The application wants a " + type.getSimpleName() + ", but " + MODE + " is \"" + mode + "\".",
                "Set " + MODE + " to \"" + needed + "\", or use a " + ConecParty.class.getSimpleName()
                        + ", which there is in both modes.",
                cause);
    }

    /** Before Boot's own for such exceptions. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }
}
