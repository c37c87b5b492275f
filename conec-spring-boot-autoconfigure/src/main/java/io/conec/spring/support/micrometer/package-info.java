/** Observations of listeners and requests. */
@NullMarked
package io.conec.spring.support.micrometer;

import org.jspecify.annotations.NullMarked;
