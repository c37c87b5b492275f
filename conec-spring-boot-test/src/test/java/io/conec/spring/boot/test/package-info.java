@NullMarked
package io.conec.spring.boot.test;

import org.jspecify.annotations.NullMarked;
