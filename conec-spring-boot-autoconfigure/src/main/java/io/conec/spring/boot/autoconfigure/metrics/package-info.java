/** Meters of a coordinator or client, and their auto-configuration. */
@NullMarked
package io.conec.spring.boot.autoconfigure.metrics;

import org.jspecify.annotations.NullMarked;
