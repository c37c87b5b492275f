/** What runs in the measured processes: a relay, a receiver, a sender, each driven by lines on its standard input. */
@NullMarked
package io.conec.benchmarks.process;

import org.jspecify.annotations.NullMarked;
