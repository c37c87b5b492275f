@NullMarked
package io.conec.spring.listener;

import org.jspecify.annotations.NullMarked;
