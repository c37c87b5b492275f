package io.conec.spring.boot.autoconfigure;

import io.conec.coordinator.CoordinatorConfig;

/** Changes the auto-configured {@link CoordinatorConfig}. Beans of this type are called in their order, after the properties were applied. */
@FunctionalInterface
public interface CoordinatorConfigCustomizer {
    /** Changes the builder. */
    void customize(CoordinatorConfig.Builder builder);
}
