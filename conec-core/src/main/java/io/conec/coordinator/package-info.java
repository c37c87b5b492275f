/** The coordinator: who is connected, introductions and the relay. */
@NullMarked
package io.conec.coordinator;

import org.jspecify.annotations.NullMarked;
