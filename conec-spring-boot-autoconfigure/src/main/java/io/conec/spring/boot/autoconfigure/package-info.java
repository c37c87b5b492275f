/** Auto-configuration of a coordinator or a client from {@code conec.*} properties. */
@NullMarked
package io.conec.spring.boot.autoconfigure;

import org.jspecify.annotations.NullMarked;
