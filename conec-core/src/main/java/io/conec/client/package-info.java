/** A client: its link to the coordinator and its channels to peers. */
@NullMarked
package io.conec.client;

import org.jspecify.annotations.NullMarked;
