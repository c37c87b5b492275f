@NullMarked
package io.conec.sample.client;

import org.jspecify.annotations.NullMarked;
