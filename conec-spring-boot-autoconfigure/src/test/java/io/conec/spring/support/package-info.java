@NullMarked
package io.conec.spring.support;

import org.jspecify.annotations.NullMarked;
