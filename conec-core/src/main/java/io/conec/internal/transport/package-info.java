/** The socket, the router and QUIC: the only package that knows Netty's QUIC codec. */
@NullMarked
package io.conec.internal.transport;

import org.jspecify.annotations.NullMarked;
