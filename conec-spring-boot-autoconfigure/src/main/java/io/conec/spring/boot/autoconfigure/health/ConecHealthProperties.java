package io.conec.spring.boot.autoconfigure.health;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration properties for the health of conec.
 *
 * @param certificateValidityWarningThreshold How long before its end health tells that the certificate expires soon.
 */
@ConfigurationProperties("management.health.conec")
record ConecHealthProperties(@DefaultValue("14d") Duration certificateValidityWarningThreshold) {}
