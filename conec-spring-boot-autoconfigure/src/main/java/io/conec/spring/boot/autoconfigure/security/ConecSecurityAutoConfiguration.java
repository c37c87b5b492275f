package io.conec.spring.boot.autoconfigure.security;

import io.conec.spring.boot.autoconfigure.listener.ConecListenerAutoConfiguration;
import io.conec.spring.security.AuthenticationArgumentResolver;
import io.conec.spring.security.ConecAuthenticationConverter;
import io.conec.spring.security.ConecPeerAuthentication;
import io.conec.spring.security.SecurityErrorCodeResolver;
import io.conec.spring.security.SecurityThreadContext;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.messaging.handler.invocation.InvocableHandlerMethod;
import org.springframework.security.core.Authentication;

/** {@link EnableAutoConfiguration Auto-configuration} for peers as {@link Authentication}s in listener methods, so that method security works. */
@AutoConfiguration(before = ConecListenerAutoConfiguration.class)
@ConditionalOnClass({Authentication.class, InvocableHandlerMethod.class})
@ConditionalOnProperty("conec.mode")
public final class ConecSecurityAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    ConecAuthenticationConverter conecAuthenticationConverter() {
        return ConecPeerAuthentication::new;
    }

    @Bean
    @ConditionalOnMissingBean
    SecurityThreadContext conecSecurityThreadContext(ConecAuthenticationConverter converter) {
        return new SecurityThreadContext(converter);
    }

    @Bean
    @ConditionalOnMissingBean
    AuthenticationArgumentResolver conecAuthenticationArgumentResolver() {
        return new AuthenticationArgumentResolver();
    }

    @Bean
    @ConditionalOnMissingBean
    SecurityErrorCodeResolver conecSecurityErrorCodeResolver() {
        return new SecurityErrorCodeResolver();
    }
}
