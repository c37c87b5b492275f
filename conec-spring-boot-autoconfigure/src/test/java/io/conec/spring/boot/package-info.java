@NullMarked
package io.conec.spring.boot;

import org.jspecify.annotations.NullMarked;
