/** Auto-configuration of annotated listeners. */
@NullMarked
package io.conec.spring.boot.autoconfigure.listener;

import org.jspecify.annotations.NullMarked;
