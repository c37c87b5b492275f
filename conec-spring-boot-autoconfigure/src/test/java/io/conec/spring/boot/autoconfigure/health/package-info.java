@NullMarked
package io.conec.spring.boot.autoconfigure.health;

import org.jspecify.annotations.NullMarked;
