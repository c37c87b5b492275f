/** What goes over the wire: control messages (generated from {@code conec.proto}), frames, relay packets and limits. {@code docs/PROTOCOL.md} explains them. */
@NullMarked
package io.conec.internal.protocol;

import org.jspecify.annotations.NullMarked;
