/** Auto-configuration for what payloads become, and for sending them. */
@NullMarked
package io.conec.spring.boot.autoconfigure.messaging;

import org.jspecify.annotations.NullMarked;
