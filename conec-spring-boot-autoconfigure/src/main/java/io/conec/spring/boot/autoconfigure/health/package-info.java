/** Health of a coordinator or client, and its auto-configuration. */
@NullMarked
package io.conec.spring.boot.autoconfigure.health;

import org.jspecify.annotations.NullMarked;
