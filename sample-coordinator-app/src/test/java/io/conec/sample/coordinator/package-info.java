@NullMarked
package io.conec.sample.coordinator;

import org.jspecify.annotations.NullMarked;
