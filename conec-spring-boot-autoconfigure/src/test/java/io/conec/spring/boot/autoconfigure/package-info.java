@NullMarked
package io.conec.spring.boot.autoconfigure;

import org.jspecify.annotations.NullMarked;
