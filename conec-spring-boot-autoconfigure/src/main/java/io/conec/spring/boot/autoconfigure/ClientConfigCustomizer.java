package io.conec.spring.boot.autoconfigure;

import io.conec.client.ClientConfig;

/** Changes the auto-configured {@link ClientConfig}. Beans of this type are called in their order, after the properties were applied. */
@FunctionalInterface
public interface ClientConfigCustomizer {
    /** Changes the builder. */
    void customize(ClientConfig.Builder builder);
}
