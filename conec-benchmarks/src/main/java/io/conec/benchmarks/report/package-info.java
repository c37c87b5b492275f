/** What became of it: rounds, medians, ratios, targets, tables and charts. */
@NullMarked
package io.conec.benchmarks.report;

import org.jspecify.annotations.NullMarked;
