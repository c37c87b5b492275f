/** Channels and streams over a QUIC connection, alike for coordinator and client. */
@NullMarked
package io.conec.internal.channel;

import org.jspecify.annotations.NullMarked;
