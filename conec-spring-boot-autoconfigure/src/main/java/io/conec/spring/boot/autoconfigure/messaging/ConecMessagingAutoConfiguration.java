package io.conec.spring.boot.autoconfigure.messaging;

import io.conec.ConecParty;
import io.conec.spring.boot.autoconfigure.ConecClientAutoConfiguration;
import io.conec.spring.boot.autoconfigure.ConecCoordinatorAutoConfiguration;
import io.conec.spring.support.PayloadConverter;
import java.util.ArrayList;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.converter.JacksonJsonMessageConverter;
import org.springframework.messaging.converter.MessageConverter;
import tools.jackson.databind.json.JsonMapper;

/** {@link EnableAutoConfiguration Auto-configuration} for what payloads become: JSON, and what the application's {@link MessageConverter}s make of them. */
@AutoConfiguration(
        after = {ConecClientAutoConfiguration.class, ConecCoordinatorAutoConfiguration.class},
        afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration")
@ConditionalOnClass(MessageConverter.class)
@ConditionalOnProperty("conec.mode")
@ConditionalOnBean(ConecParty.class)
public final class ConecMessagingAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean
    PayloadConverter conecPayloadConverter(
            ObjectProvider<MessageConverter> converters, ObjectProvider<JsonPayloads> json) {
        // The application's first: what it adds is meant to be used.
        List<MessageConverter> all = new ArrayList<>(converters.orderedStream().toList());
        json.ifAvailable(payloads -> all.add(payloads.converter()));
        return new PayloadConverter(all);
    }

    /** Not a {@link MessageConverter} bean, which other modules would pick up. */
    record JsonPayloads(MessageConverter converter) {}

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(JsonMapper.class)
    static class JacksonConfiguration {
        @Bean
        @ConditionalOnMissingBean
        @ConditionalOnSingleCandidate(JsonMapper.class)
        JsonPayloads conecJsonPayloads(JsonMapper jsonMapper) {
            return new JsonPayloads(new JacksonJsonMessageConverter(jsonMapper));
        }
    }
}
