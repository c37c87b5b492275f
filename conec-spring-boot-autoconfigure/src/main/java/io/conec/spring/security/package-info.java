/** Peers as Spring Security sees them. */
@NullMarked
package io.conec.spring.security;

import org.jspecify.annotations.NullMarked;
