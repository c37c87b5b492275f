package io.conec.spring.boot.autoconfigure;

import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** {@link EnableAutoConfiguration Auto-configuration} that warns of properties of a client or coordinator without {@code conec.mode}: they have no effect, and nothing else would say so. */
@AutoConfiguration
@Conditional(ConecModeMissingAutoConfiguration.OnPropertiesWithoutMode.class)
public final class ConecModeMissingAutoConfiguration {
    private static final Logger log = LoggerFactory.getLogger(ConecModeMissingAutoConfiguration.class);
    private static final String MODE = "conec.mode";

    ConecModeMissingAutoConfiguration(Environment environment) {
        for (String mode : configured(environment)) {
            log.warn(
                    "The properties conec.{}.* have no effect, because {} is not set: set it to \"{}\"",
                    mode,
                    MODE,
                    mode);
        }
    }

    /** Modes that there are properties for. */
    private static List<String> configured(Environment environment) {
        Binder binder = Binder.get(environment);
        return List.of("client", "coordinator").stream()
                .filter(mode -> !binder.bind("conec." + mode, Bindable.mapOf(String.class, Object.class))
                        .orElse(Map.of())
                        .isEmpty())
                .toList();
    }

    static final class OnPropertiesWithoutMode extends SpringBootCondition {
        @Override
        public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
            Environment environment = context.getEnvironment();
            ConditionMessage.Builder message = ConditionMessage.forCondition("Properties without " + MODE);
            if (StringUtils.hasText(environment.getProperty(MODE))) {
                return ConditionOutcome.noMatch(message.because(MODE + " is set"));
            }
            List<String> modes = configured(environment);
            return modes.isEmpty()
                    ? ConditionOutcome.noMatch(message.because("there are none"))
                    : ConditionOutcome.match(message.found("mode", "modes").items(modes));
        }
    }
}
