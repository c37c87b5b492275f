package io.conec.spring.boot.autoconfigure;

import io.conec.ConecException;
import io.conec.coordinator.AccessPolicy;
import io.conec.coordinator.AccessRule;
import io.conec.coordinator.ConecAuthorizer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes an {@link AccessPolicy} of {@code conec.coordinator.rules} and {@code conec.coordinator.default-policy}. */
final class AccessPolicies {
    private static final String RULES = "conec.coordinator.rules";

    private AccessPolicies() {}

    static AccessPolicy of(ConecProperties.Coordinator coordinator, @Nullable ConecAuthorizer authorizer) {
        List<AccessRule> rules = new ArrayList<>();
        for (int i = 0; i < coordinator.rules().size(); i++) {
            rules.add(rule(RULES + "[" + i + "]", coordinator.rules().get(i)));
        }
        return new AccessPolicy(rules, authorizer, coordinator.defaultPolicy());
    }

    private static AccessRule rule(String property, ConecProperties.Rule rule) {
        if (rule.access() == null) {
            throw new InvalidConecPropertyException(
                    property + ".access", "is missing", "Set it to \"allow\" or \"deny\".");
        }
        try {
            return new AccessRule(rule.access(), rule.kinds(), rule.from(), rule.to(), rule.stream(), rule.group());
        } catch (ConecException e) {
            throw new InvalidConecPropertyException(property, "is invalid: " + e.getMessage(), "Correct the rule.", e);
        }
    }
}
