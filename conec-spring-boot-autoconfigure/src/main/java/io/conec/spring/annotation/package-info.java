/** Annotations for methods that handle channels, streams and messages. */
@NullMarked
package io.conec.spring.annotation;

import org.jspecify.annotations.NullMarked;
