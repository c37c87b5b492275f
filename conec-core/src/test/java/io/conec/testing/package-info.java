/** Real parties on loopback for tests. */
@NullMarked
package io.conec.testing;

import org.jspecify.annotations.NullMarked;
