/** Bulk transfer between separate processes. */
@NullMarked
package io.conec.transfer;

import org.jspecify.annotations.NullMarked;
