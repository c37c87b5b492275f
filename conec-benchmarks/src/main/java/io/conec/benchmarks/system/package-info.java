/** What is compared: each system behind the same few interfaces. */
@NullMarked
package io.conec.benchmarks.system;

import org.jspecify.annotations.NullMarked;
