/**
 * Who a party is and whom it believes: {@link io.conec.security.Identity} and {@link io.conec.security.Trust}.
 *
 * <p>Keys and certificates of the JDK's types, made with Bouncy Castle, whose provider is not registered. Nothing here
 * knows of QUIC.
 */
@NullMarked
package io.conec.security;

import org.jspecify.annotations.NullMarked;
