/** Typed sends and requests. */
@NullMarked
package io.conec.spring.core;

import org.jspecify.annotations.NullMarked;
