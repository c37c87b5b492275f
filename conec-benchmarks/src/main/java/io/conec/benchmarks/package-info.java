/** The command {@code ./bench}: conec measured against what people would use instead. */
@NullMarked
package io.conec.benchmarks;

import org.jspecify.annotations.NullMarked;
