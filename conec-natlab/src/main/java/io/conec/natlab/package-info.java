/** The network laboratory: conec's clients and coordinators as processes in Linux network namespaces, behind real NATs and bad links. */
@NullMarked
package io.conec.natlab;

import org.jspecify.annotations.NullMarked;
