/** What is measured, from outside of the measured processes. */
@NullMarked
package io.conec.benchmarks.workload;

import org.jspecify.annotations.NullMarked;
