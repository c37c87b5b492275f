package io.conec.spring.boot.autoconfigure.endpoint;

import io.conec.ConecParty;
import io.conec.spring.boot.autoconfigure.ConecClientAutoConfiguration;
import io.conec.spring.boot.autoconfigure.ConecCoordinatorAutoConfiguration;
import io.conec.spring.listener.ConecListenerEndpointRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;

/** {@link EnableAutoConfiguration Auto-configuration} for the {@link ConecEndpoint}. */
@AutoConfiguration(after = {ConecClientAutoConfiguration.class, ConecCoordinatorAutoConfiguration.class})
@ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
@ConditionalOnAvailableEndpoint(ConecEndpoint.class)
@ConditionalOnProperty("conec.mode")
public final class ConecEndpointAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnSingleCandidate(ConecParty.class)
    ConecEndpoint conecEndpoint(ConecParty party, ObjectProvider<ConecListenerEndpointRegistry> listeners) {
        return new ConecEndpoint(party, listeners.getIfAvailable());
    }
}
