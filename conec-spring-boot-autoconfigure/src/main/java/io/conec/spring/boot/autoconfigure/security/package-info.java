/** Auto-configuration for Spring Security. */
@NullMarked
package io.conec.spring.boot.autoconfigure.security;

import org.jspecify.annotations.NullMarked;
