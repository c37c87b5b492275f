/** What a running coordinator tells its application context: the port that it listens on. */
@NullMarked
package io.conec.spring.boot.context;

import org.jspecify.annotations.NullMarked;
