/** What runs inside the laboratory's namespaces, each a JVM of its own that is driven by lines on its standard input. */
@NullMarked
package io.conec.natlab.process;

import org.jspecify.annotations.NullMarked;
