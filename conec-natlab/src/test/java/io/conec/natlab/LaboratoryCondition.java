package io.conec.natlab;

import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Whether this machine lets us make what the laboratory is made of. */
final class LaboratoryCondition implements ExecutionCondition {
    private static final Optional<String> OBSTACLE = LaboratoryObstacle.find();

    static {
        OBSTACLE.ifPresent(reason -> System.out.println("The network laboratory is skipped: " + reason));
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (OBSTACLE.isEmpty()) {
            return ConditionEvaluationResult.enabled("namespaces can be made");
        }
        if (Boolean.getBoolean("natlab.required")) {
            throw new IllegalStateException("The network laboratory cannot run: " + OBSTACLE.get());
        }
        return ConditionEvaluationResult.disabled(OBSTACLE.get());
    }
}
