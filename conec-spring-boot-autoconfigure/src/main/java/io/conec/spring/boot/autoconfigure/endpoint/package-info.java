/** The actuator endpoint {@code conec}, and its auto-configuration. */
@NullMarked
package io.conec.spring.boot.autoconfigure.endpoint;

import org.jspecify.annotations.NullMarked;
