/** Support for tests of applications that use conec. */
@NullMarked
package io.conec.spring.boot.test;

import org.jspecify.annotations.NullMarked;
